/** A tar archive that the launcher writes: members that are in memory, and files of the guest. Pure. */
import type { Step } from '../../plan/plan.ts'
import { concatBytes } from '../../../vocabulary/concat-bytes.ts'
import { paddingOf } from '../../../vocabulary/tar/header.ts'
import { TAR_END, encodeTarEntry, type TarEntry } from '../../../vocabulary/tar/write-tar.ts'

const NOTHING = new Uint8Array(0)

export class ArchivePlan {
  readonly #steps: Step[] = []
  #bytes: Uint8Array[] = []

  add(entry: TarEntry, content: Uint8Array = NOTHING): void {
    const size = content.length
    this.#bytes.push(encodeTarEntry({ ...entry, size }), content, new Uint8Array(paddingOf(size)))
  }

  /** @param path an absolute path of the guest, of a file with the size that the entry has */
  addFile(entry: TarEntry & { size: number }, path: string): void {
    this.#bytes.push(encodeTarEntry(entry))
    this.#send()
    this.#steps.push({ op: 'send-file', path, size: BigInt(entry.size) })
    this.#bytes.push(new Uint8Array(paddingOf(entry.size)))
  }

  /** The steps of the whole archive. */
  finish(): readonly Step[] {
    this.#bytes.push(TAR_END)
    this.#send()
    return this.#steps
  }

  #send(): void {
    this.#steps.push({ op: 'send-bytes', data: concatBytes(this.#bytes) })
    this.#bytes = []
  }
}
