/** `GET /containers/{id}/changes`: what the upper directory says of the image's files. */
import type { FilesystemChange } from '../../../protocol/api/engine-api.ts'
import type { Files } from '../../host/files/files.ts'
import type { Container } from '../state/container.ts'
import type { EngineContext } from '../state/context.ts'
import {
  existsInLayers,
  isDirectory,
  isWhiteout,
  layerDirectories,
  requireFiles,
} from '../layer/layered-root.ts'

const MODIFIED = 0
const ADDED = 1
const DELETED = 2

/** The engine's own files, which Docker keeps in a layer between the image's and the container's. */
export const ENGINE_FILES: ReadonlySet<string> = new Set(['/etc/hostname', '/etc/hosts', '/etc/resolv.conf'])

/** Empty mount points that the container's start made below the image's root. */
export const MOUNT_POINTS: ReadonlySet<string> = new Set([
  '/dev',
  '/proc',
  '/sys',
  '/dev/pts',
  '/dev/shm',
  '/dev/mqueue',
])

/** The changes below `path`; whether anything of the engine's own was left out. */
async function walk(
  files: Files,
  upper: string,
  layers: readonly string[],
  path: string,
): Promise<{ changes: FilesystemChange[]; own: boolean }> {
  const changes: FilesystemChange[] = []
  let own = false
  for (const name of (await files.list(upper + path)).sort()) {
    const Path = `${path}/${name}`
    const stat = await files.stat(upper + Path)
    if (isWhiteout(stat)) {
      changes.push({ Path, Kind: DELETED })
      continue
    }
    if ((ENGINE_FILES.has(Path) && stat.size === 0) || MOUNT_POINTS.has(Path)) {
      own = true
      continue
    }
    const below = isDirectory(stat) ? await walk(files, upper, layers, Path) : { changes: [], own: false }
    // A directory that was copied up for the engine's files alone has not changed.
    if (below.own && below.changes.length === 0) continue
    changes.push(
      { Path, Kind: (await existsInLayers(files, layers, Path)) ? MODIFIED : ADDED },
      ...below.changes,
    )
  }
  return { changes, own }
}

export async function containerChanges(
  { files, paths }: EngineContext,
  container: Container,
): Promise<FilesystemChange[]> {
  const { record } = container
  requireFiles(container, record.name)
  const upper = `${paths.overlay}/${record.id}/diff`
  return (await walk(files, upper, layerDirectories(paths, record.layers), '')).changes
}
