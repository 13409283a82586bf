/** Files of the guest that containers have by bind mounts: which come along, and where they stand in the folder. */
import type { ContainerInspect, MountPoint } from '../../../guest/protocol/api/engine-api.ts'
import type { EngineApi } from '../../../guest/vocabulary/engine-client/engine-api.ts'
import { EngineError } from '../../../guest/protocol/errors.ts'
import { concatBytes } from '../../../guest/vocabulary/concat-bytes.ts'
import { unusedKey } from './names.ts'

/** Bytes of the tar of one bind mount's files: a folder of configuration or of pages, and not a disk. */
export const MAX_BOUND = 8 * 1024 * 1024

/** Docker's own socket, which is where it is on any Docker. */
const SOCKET = /^(?:\/var)?\/run\/docker\.sock$/
/** Of the kernel and not of the guest. */
const KERNEL = /^\/(?:dev|proc|sys)(?:\/|$)/

/** A tar of the files, whose first member is what is mounted; or why there is none. */
export type BoundFiles = { archive: Uint8Array } | { left: 'bindTooLarge' | 'bindFailed' }

/** By the path in the guest. */
export type BoundFilesBySource = ReadonlyMap<string, BoundFiles>

/** Whether the path means the same on any Docker, so that it can stay in the compose file. */
export const isEverywhere = (source: string): boolean => SOCKET.test(source) || KERNEL.test(source)

const isBound = ({ Type, Source }: MountPoint): boolean => Type === 'bind' && !isEverywhere(Source)

/** Reads what the containers have bound, each path once. */
export async function readBoundFiles(
  api: EngineApi,
  containers: readonly ContainerInspect[],
): Promise<BoundFilesBySource> {
  const found = new Map<string, BoundFiles>()
  for (const { Id, Mounts } of containers)
    for (const { Source, Destination } of Mounts.filter(isBound))
      if (!found.has(Source)) found.set(Source, await readOne(api, Id, Destination))
  return found
}

async function readOne(api: EngineApi, id: string, path: string): Promise<BoundFiles> {
  try {
    const { body } = await api.send('GET', `/containers/${id}/archive`, { query: { path } })
    const chunks: Uint8Array[] = []
    let size = 0
    for await (const chunk of body) {
      size += chunk.length
      if (size > MAX_BOUND) return { left: 'bindTooLarge' }
      chunks.push(chunk)
    }
    return { archive: concatBytes(chunks) }
  } catch (thrown) {
    // The path is gone, or is no file that an archive can hold; a lost engine fails the next call as well.
    if (EngineError.from(thrown).code === 'unavailable') throw thrown
    return { left: 'bindFailed' }
  }
}

/** Files of the taken folder that come from a bind mount: `files/<name>`, as the archive's first member. */
export interface TakenFiles {
  /** Within the taken folder, without a slash at its end. */
  path: string
  archive: Uint8Array
}

/** `files/<last part of the path>` for each path whose files come along, each a name of its own. */
export function placesOf(bound: BoundFilesBySource): ReadonlyMap<string, TakenFiles> {
  const names = new Set<string>()
  const places = new Map<string, TakenFiles>()
  for (const [source, files] of bound) {
    if (!('archive' in files)) continue
    const base = source
      .split('/')
      .at(-1)!
      .replaceAll(/[^\w.-]+/g, '-')
    const name = unusedKey(base === '' || /^\.+$/.test(base) ? 'root' : base, names)
    places.set(source, { path: `files/${name}`, archive: files.archive })
  }
  return places
}
