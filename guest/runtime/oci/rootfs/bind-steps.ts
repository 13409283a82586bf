/** A bind mount of a directory or file, of what lies at a path below a directory, or of layers merged for it. */
import { MNT_DETACH, MOUNT_ATTR, O } from '../../plan/linux-constants.ts'
import { SLOT, type Op, type Step } from '../../plan/plan.ts'
import { overlayStep } from './overlay-step.ts'

type Bind = Extract<Op, { op: 'bind' }>

/** Where a bind mount comes from. */
export interface BindSource {
  /** A path of the guest. With `layers`, a directory that is made, on which they are merged for a moment. */
  source: string
  /** Directories, topmost first, that are bound read-only as one. */
  layers?: readonly string[] | undefined
  /** What is bound lies there, below the source. */
  subpath?: string | undefined
}

/**
 * The steps of one bind, in a mount namespace of the plan's own. A subpath is looked up below a descriptor of its
 * source in the moment of the bind, and a symlink that leads out fails with EXDEV: whoever can write there may change
 * what is checked before (CVE-2017-1002101).
 */
export function bindSteps(
  { source, layers, subpath }: BindSource,
  bind: Omit<Bind, 'op' | 'source' | 'sourceAt' | 'sourceBeneath'>,
): Step[] {
  if (layers === undefined && subpath === undefined) return [{ op: 'bind', source, ...bind }]
  // One layer is a tree already, and the kernel refuses an overlay of one.
  const isMerged = layers !== undefined && layers.length > 1
  const merge: Step[] = isMerged
    ? [
        { op: 'mkdir', path: source, mode: 0o700, parents: true },
        overlayStep({ lower: layers }, source, MOUNT_ATTR.RDONLY),
      ]
    : []
  const path = layers?.length === 1 ? layers[0]! : source
  return [
    ...merge,
    { op: 'open', slot: SLOT.source, path, flags: O.PATH | O.DIRECTORY },
    { op: 'bind', sourceAt: SLOT.source, source: subpath ?? '/', sourceBeneath: true, ...bind },
    { op: 'close', slot: SLOT.source },
    ...(isMerged ? [{ op: 'umount', path: source, flags: MNT_DETACH } satisfies Step] : []),
  ]
}
