import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { EngineError } from '../../guest/protocol/errors.ts'
import type { ChunkStore } from '../../web/src/layers/chunked-tree.ts'
import type { SiteReader } from '../../web/src/layers/open-system-tree.ts'

/** A folder as the machine sees a served site: errors are those of a server, 404 included. */
export function siteFolder(folder: string): SiteReader {
  return async (path) => {
    const file = join(folder, path)
    try {
      return await readFile(file)
    } catch (cause) {
      const missing = (cause as NodeJS.ErrnoException).code === 'ENOENT'
      const message = missing
        ? `${file} is missing: run \`npm start\` once to build it`
        : `${file} cannot be read`
      throw new EngineError('unavailable', message, { url: file, status: missing ? 404 : 500 }, cause)
    }
  }
}

/** The folder itself is the store: nothing is kept twice. */
export const noChunkStore: ChunkStore = {
  get: () => Promise.resolve(undefined),
  put: () => Promise.resolve(),
  names: () => Promise.resolve([]),
}
