/** The layers below a container as one read-only tree of the guest, for as long as somebody reads it. */
import { MNT_DETACH } from '../../plan/linux-constants.ts'
import { overlayStep } from '../../oci/rootfs/overlay-step.ts'
import type { HostPlan } from '../../plan/plan.ts'
import type { EngineContext } from '../state/context.ts'
import { randomId } from '../state/ids.ts'
import { removeMountedTree } from './remove-mounted-tree.ts'

/** The value of include/uapi/linux/mount.h. */
const MOUNT_ATTR_RDONLY = 1n

/**
 * Mounts layers as one tree while `use` runs.
 * @param layers directories, topmost first; a single one needs no mount
 */
export async function withMergedLayers<T>(
  context: Pick<EngineContext, 'files' | 'launcher' | 'paths' | 'random'>,
  layers: readonly string[],
  use: (root: string) => Promise<T>,
): Promise<T> {
  const { launcher, paths, random } = context
  if (layers.length === 1) return use(layers[0]!)
  // The directory belongs to no container, so recovery removes it, and its mount, when this engine dies.
  const directory = `${paths.overlay}/${randomId(random)}`
  const target = `${directory}/merged`
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
      { op: 'rmdir', path: directory },
    ],
  }
  try {
    await launcher.run(mount)
    return await use(target)
  } finally {
    // Removing the tree is slower than the plan, but also works after a mount that failed or whose answer was lost.
    await launcher.run(unmount).catch(() => removeMountedTree(context, directory))
  }
}
