/** Files of the site that the machine needs, each checked against the manifest that names it. */
import { EngineError } from '../../../guest/protocol/errors.ts'
import { hexDigest } from '../storage/digest.ts'
import type { SiteFile } from '../storage/site-file.ts'
import type { SiteReader } from '../trees/open-system-tree.ts'

export { isSiteFile, isSized, type SiteFile } from '../storage/site-file.ts'

export type OnBytes = (loaded: number, total: number) => void

/** @throws EngineError `corrupt` or `unavailable`, naming the file; trying again fetches it anew. */
export async function readSiteFile(read: SiteReader, file: SiteFile): Promise<Uint8Array> {
  const bytes = await read(file.path)
  const actual = bytes.length === file.size ? await hexDigest(bytes) : null
  if (actual !== file.sha256) {
    const found =
      actual === null ? `it has ${bytes.length} bytes, not ${file.size}` : `its sha256 is ${actual}`
    throw new EngineError('corrupt', `${file.path} is damaged: ${found}; reload to fetch it again`, {
      file: file.path,
      expected: file.sha256,
    })
  }
  return bytes
}

/** Reads all files at once, and reports bytes as files arrive. */
export async function readSiteFiles(
  read: SiteReader,
  files: SiteFile[],
  onBytes: OnBytes,
): Promise<Uint8Array[]> {
  const total = files.reduce((sum, file) => sum + file.size, 0)
  let loaded = 0
  onBytes(loaded, total)
  return Promise.all(
    files.map(async (file) => {
      const bytes = await readSiteFile(read, file)
      loaded += bytes.length
      onBytes(loaded, total)
      return bytes
    }),
  )
}
