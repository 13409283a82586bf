/** A shelf of volumes in memory, for unit tests: several machines may take from it, like pages that follow each other. */
import { EngineError } from '../../protocol/errors.ts'
import type { Shelf, StoredVolume } from '../../protocol/api/volumes.ts'
import type { VolumesClient } from '../host/channel/volumes-client.ts'

export class MemoryShelf implements VolumesClient {
  readonly kept = new Map<string, { volume: StoredVolume; tar: Uint8Array }>()
  machine = 'first'
  refusal: string | undefined
  newer: string[] = []
  /** The number of saves that have ended. */
  saves = 0
  /** The answer to every call from now on. */
  failure: EngineError | undefined

  async list(): Promise<Shelf> {
    this.check()
    const volumes = [...this.kept.values()].map(({ volume }) => volume)
    return {
      machine: this.machine,
      volumes: structuredClone(volumes),
      newer: this.newer,
      ...(this.refusal !== undefined && { refusal: this.refusal }),
    }
  }

  async save(volume: StoredVolume, tar: AsyncIterable<Uint8Array>): Promise<void> {
    const parts: Uint8Array[] = []
    for await (const part of tar) parts.push(part)
    this.check()
    this.kept.set(volume.name, { volume: structuredClone(volume), tar: Buffer.concat(parts) })
    this.saves++
  }

  async load(name: string): Promise<AsyncIterable<Uint8Array>> {
    this.check()
    const kept = this.kept.get(name)
    if (kept === undefined) throw new EngineError('not-found', `volume ${name} is not kept by this page`)
    return (async function* () {
      yield kept.tar
    })()
  }

  async remove(name: string): Promise<void> {
    this.check()
    this.kept.delete(name)
  }

  private check(): void {
    if (this.failure !== undefined) throw this.failure
  }
}
