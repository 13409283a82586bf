import { clear, createStore, entries, set, type UseStore } from 'idb-keyval'
import type { BuildDrafts } from './state/build/build-drafts.ts'
import type { BuildFile } from './state/build/build-files.ts'

/** Keeps drafts in the browser's storage, which all tabs of the page share: the last tab that writes a file wins. */
export class StoredDrafts implements BuildDrafts {
  private opened: UseStore | undefined

  async read(): Promise<BuildFile[]> {
    const all = await entries<string, Uint8Array<ArrayBuffer>>(this.store())
    return all.map(([path, bytes]) => ({ path, bytes }))
  }

  put({ path, bytes }: BuildFile): Promise<void> {
    return set(path, bytes, this.store())
  }

  clear(): Promise<void> {
    return clear(this.store())
  }

  /** Opened when first needed: most visits build nothing. */
  private store(): UseStore {
    this.opened ??= createStore('porthole-build', 'files')
    return this.opened
  }
}
