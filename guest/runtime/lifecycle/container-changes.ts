/** `GET /containers/{id}/changes`: what the upper directory says of the image's files. */
import type { FilesystemChange } from '../../protocol/engine-api.ts'
import type { Container } from './container.ts'
import type { EngineContext } from './context.ts'
import { existsInLayers, isDirectory, isWhiteout, layerDirectories } from './layered-root.ts'

const MODIFIED = 0
const ADDED = 1
const DELETED = 2

export async function containerChanges(
  context: EngineContext,
  { record }: Container,
): Promise<FilesystemChange[]> {
  const { files, paths } = context
  const upper = `${paths.overlay}/${record.id}/diff`
  const layers = layerDirectories(paths, record.layers)
  const changes: FilesystemChange[] = []
  const walk = async (path: string): Promise<void> => {
    for (const name of (await files.list(upper + path)).sort()) {
      const Path = `${path}/${name}`
      const stat = await files.stat(upper + Path)
      if (isWhiteout(stat)) {
        changes.push({ Path, Kind: DELETED })
        continue
      }
      changes.push({ Path, Kind: (await existsInLayers(files, layers, Path)) ? MODIFIED : ADDED })
      if (isDirectory(stat)) await walk(Path)
    }
  }
  await walk('')
  return changes
}
