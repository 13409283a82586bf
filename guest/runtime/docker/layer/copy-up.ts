/** New, empty volumes get the image's content of the path that they cover, before the container's first start. */
import { MNT_DETACH } from '../../plan/linux-constants.ts'
import { overlayStep } from '../../oci/rootfs/root-steps.ts'
import type { HostPlan } from '../../plan/plan.ts'
import type { ContainerRecord } from '../state/container-record.ts'
import type { EngineContext } from '../state/context.ts'
import { layerDirectories } from './layered-root.ts'

/** include/uapi/linux/mount.h */
const MOUNT_ATTR_RDONLY = 1n

/** The image as one read-only tree; a single layer is that already. */
async function withImageTree(
  context: EngineContext,
  record: ContainerRecord,
  use: (root: string) => Promise<void>,
): Promise<void> {
  const layers = layerDirectories(context.paths, record.layers)
  if (layers.length === 1) return use(layers[0]!)
  const target = `${context.paths.overlay}/${record.id}/merged`
  const mount: HostPlan = {
    steps: [
      { op: 'mkdir', path: target, mode: 0o700, parents: true },
      overlayStep({ lower: layers }, target, MOUNT_ATTR_RDONLY),
    ],
  }
  const unmount: HostPlan = {
    steps: [
      { op: 'umount', path: target, flags: MNT_DETACH },
      { op: 'rmdir', path: target },
    ],
  }
  await context.launcher.run(mount)
  try {
    await use(target)
  } finally {
    await context.launcher.run(unmount)
  }
}

export async function copyUpVolumes(context: EngineContext, record: ContainerRecord): Promise<void> {
  const wanting = record.mounts.filter(({ copyUp }) => copyUp)
  if (wanting.length === 0 || record.layers.length === 0) return
  await withImageTree(context, record, async (root) => {
    for (const mount of wanting) {
      const source = root + mount.destination
      if (await context.files.exists(source)) await context.volumes.copyUp(mount, source)
    }
  })
}
