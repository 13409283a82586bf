/**
 * `release.json`: what one build of the site consists of, so that a browser that keeps it keeps page, guest and images of
 * the same build. scripts/lib/release.ts writes it. The chunks of the system trees and the images’ layers are not in it:
 * their names are digests, and files that are in it list them.
 */
import { EngineError } from '../../../guest/protocol/errors.ts'
import { parseJsonObject } from '../../../guest/vocabulary/json.ts'
import { isSiteFile, type SiteFile } from '../storage/site-file.ts'

export const RELEASE_PATH = 'release.json'

export interface Release {
  format: 1
  /** A hash of all that follows, 32 hex digits. */
  id: string
  /** The guest's build id, as in guest/manifest.json. */
  guest: string
  /** The page's own files, which the Service Worker serves: `index.html`, assets, lessons. */
  shell: SiteFile[]
  /** What the machine's worker reads by name: the guest's manifest, indices and snapshot, and the images’ documents. */
  system: SiteFile[]
}

/** A search parameter with which the Service Worker lets a request pass to the network. */
export const NEWEST = 'newest'

/** Files that the host of a site may change after the build, and that are asked for at each visit. */
export const HOST_FILES: readonly string[] = ['site.json', 'registries.json']

/** No step out of the site's folder. */
const PATH = /^(?!.*(?:^|\/)\.\.?(?:\/|$))[^/\\?#]+(?:\/[^/\\?#]+)*$/
const SHA256 = /^[0-9a-f]{64}$/

function isFileList(value: unknown): value is SiteFile[] {
  const isFile = (file: unknown) => isSiteFile(file) && PATH.test(file.path) && SHA256.test(file.sha256)
  return Array.isArray(value) && value.every(isFile)
}

/** @throws EngineError `corrupt` */
export function parseRelease(bytes: Uint8Array): Release {
  const { format, id, guest, shell, system } = parseJsonObject(new TextDecoder().decode(bytes), RELEASE_PATH)
  const named = typeof id === 'string' && typeof guest === 'string'
  if (format !== 1 || !named || !isFileList(shell) || !isFileList(system))
    throw new EngineError('corrupt', `${RELEASE_PATH} is not a list of this version`, { file: RELEASE_PATH })
  return { format, id, guest, shell, system }
}

/** Bytes of all these files together. */
export const sizeOf = (files: readonly { size: number }[]): number =>
  files.reduce((sum, { size }) => sum + size, 0)
