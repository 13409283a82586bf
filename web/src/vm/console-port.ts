import type { V86 } from 'v86'
import type { ChannelTransport } from '../../../guest/protocol/wire/link.ts'
import type { V86Internals, VirtQueue } from './v86-internals.ts'

/** v86's types name only the event of port 0. */
type AnyPort = 'virtio-console0-output-bytes'

/** One port of the virtio console, as bytes. In the guest, 0 is /dev/hvc0 and the others are /dev/vport1p<number>. */
export class ConsolePort implements ChannelTransport {
  readonly #v86: V86
  readonly #bus: V86Internals['bus']
  readonly #number: number
  readonly #receiveQueue: () => VirtQueue

  constructor(v86: V86, internals: V86Internals, number: number) {
    this.#v86 = v86
    this.#bus = internals.bus
    this.#number = number
    // Queues 2 and 3 are the device's control queues: virtio 1.2, 5.3.2.
    const queue = number === 0 ? 0 : 2 + 2 * number
    this.#receiveQueue = () => internals.v86.cpu.devices.virtio_console.virtio.queues[queue]!
  }

  /** Sends at most 4096 bytes. v86 would drop a send for which the guest has no buffer; this answers false instead. */
  send(bytes: Uint8Array): boolean {
    if (!this.#receiveQueue().has_request()) return false
    this.#bus.send(`virtio-console${this.#number}-input-bytes`, bytes)
    return true
  }

  onData(listener: (chunk: Uint8Array) => void): void {
    const event = `virtio-console${this.#number}-output-bytes` as AnyPort
    this.#v86.add_listener(event, listener)
  }
}
