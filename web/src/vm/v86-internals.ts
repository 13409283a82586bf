/**
 * What we use of v86 beyond its declared interface; the version is pinned and `internalsOf` checks that all of it is
 * there, so that an update that moves it fails at once and by name.
 */
import type { V86 } from 'v86'
import { EngineError } from '../../../guest/protocol/errors.ts'

export interface VirtQueue {
  /** Whether the guest's driver has posted a buffer that has not been used. */
  has_request(): boolean
}

export interface V86Internals {
  bus: { send(event: string, data: Uint8Array): void }
  v86: {
    cpu: {
      /** [1] while the processor waits in HLT. */
      in_hlt: ArrayLike<number>
      devices: { virtio_console: { virtio: { queues: VirtQueue[] } } }
    }
  }
}

export function internalsOf(emulator: V86): V86Internals {
  const { bus, v86 } = emulator as unknown as Partial<V86Internals>
  const cpu = v86?.cpu
  const queues = cpu?.devices?.virtio_console?.virtio?.queues
  if (typeof bus?.send !== 'function' || !cpu?.in_hlt || typeof queues?.[0]?.has_request !== 'function') {
    throw new EngineError('internal', 'this version of v86 lacks the internals that web/src/vm relies on')
  }
  return emulator as unknown as V86Internals
}
