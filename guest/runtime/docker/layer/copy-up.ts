/** Fills new, empty volumes with the image's content of the path that they cover, before the container's first start. */
import type { ContainerRecord } from '../state/container-record.ts'
import type { EngineContext } from '../state/context.ts'
import { containerLayers, hasInitFiles } from './init-layer.ts'
import { layerDirectories } from './layered-root.ts'
import { withMergedLayers } from './merged-layers.ts'

export async function copyUpVolumes(context: EngineContext, record: ContainerRecord): Promise<void> {
  const wanting = record.mounts.filter(({ copyUp }) => copyUp)
  if (wanting.length === 0) return
  const layersOf = wanting.some(({ destination }) => hasInitFiles(destination))
    ? containerLayers
    : layerDirectories
  await withMergedLayers(context, layersOf(context.paths, record.layers), async (root) => {
    for (const mount of wanting) {
      const source = root + mount.destination
      if (await context.files.exists(source)) await context.volumes.copyUp(mount, source)
    }
  })
}
