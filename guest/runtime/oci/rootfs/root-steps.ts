/** The init's steps that make the container's root file system: root, mounts, devices, masks. */
import type { RootContext } from './root-context.ts'
import { EngineError } from '../../../protocol/errors.ts'
import { ofConstant } from '../../plan/of-constant.ts'
import type { CompileOptions } from '../compile-options.ts'
import { bindSteps } from './bind-steps.ts'
import { deviceSteps } from './device-steps.ts'
import { MOUNT_ATTR, MS, O } from '../../plan/linux-constants.ts'
import { overlayStep } from './overlay-step.ts'
import { parseMountOptions } from './mount-options.ts'
import { constantSteps, SLOT, type Step } from '../../plan/plan.ts'
import { userLookup } from '../process/process-steps.ts'
import type { OciMount, OciSpec } from '../spec.ts'

export const DEFAULT_ROOT_MOUNT_POINT = '/run/porthole/root'

export function rootSteps(spec: OciSpec, options: CompileOptions, context: RootContext): Step[] {
  const mountPoint = options.rootMountPoint ?? DEFAULT_ROOT_MOUNT_POINT
  const linux = spec.linux ?? {}
  return [
    {
      op: 'mount-setattr',
      path: '/',
      recursive: true,
      set: 0n,
      clear: 0n,
      propagation: BigInt(hostPropagation(spec)),
    },
    mountRoot(options, mountPoint),
    { op: 'open', slot: SLOT.root, path: mountPoint, flags: O.PATH | O.DIRECTORY },
    ...(spec.process === undefined ? [] : userLookup(spec.process.user, SLOT.root)),
    ...(spec.mounts ?? []).flatMap((mount) => mountSteps(mount, context)),
    ...deviceSteps(spec, context),
    ...maskSteps(linux.maskedPaths ?? NO_PATHS),
    ...readonlySteps(linux.readonlyPaths ?? NO_PATHS),
    ...(spec.root?.readonly ? [READONLY_ROOT] : []),
  ]
}

const NO_PATHS: readonly string[] = Object.freeze([])

const pathSteps = (op: 'mask-path' | 'readonly-path') =>
  ofConstant((paths: readonly string[]) =>
    constantSteps(paths.map((path): Step => ({ op, at: SLOT.root, path, tolerate: 'ENOENT' }))),
  )
const maskSteps = pathSteps('mask-path')
const readonlySteps = pathSteps('readonly-path')

const READONLY_ROOT: Step = {
  op: 'mount-setattr',
  at: SLOT.root,
  path: '',
  set: MOUNT_ATTR.RDONLY,
  clear: 0n,
  propagation: 0n,
}

/** Without a request for shared mounts nothing of the container's may reach the guest; the other way stays open, as in runC. */
function hostPropagation(spec: OciSpec): number {
  const wanted = spec.linux?.rootfsPropagation
  if (wanted === 'shared' || wanted === 'rshared') return MS.SHARED
  return wanted === 'private' || wanted === 'rprivate' ? MS.PRIVATE : MS.SLAVE
}

function mountRoot(options: CompileOptions, target: string): Step {
  if ('directory' in options.root) {
    const source = options.root.directory
    return {
      op: 'bind',
      source,
      target,
      recursive: true,
      set: 0n,
      clear: 0n,
      recursiveSet: 0n,
      propagation: BigInt(MS.PRIVATE),
    }
  }
  return overlayStep(options.root.overlay, target)
}

function mountSteps(mount: OciMount, context: RootContext): readonly Step[] {
  if (!mount.destination.startsWith('/')) {
    throw new EngineError('invalid', `mount destination '${mount.destination}' is not absolute`, { ...mount })
  }
  const attributes = attributesOf(mount)
  if (attributes.bind || mount.type === 'bind') return bindOf(mount, attributes)
  const { type } = mount
  if (!type)
    throw new EngineError('invalid', `mount ${mount.destination}: neither a type nor bind`, { ...mount })
  if (type === 'cgroup' || type === 'cgroup2') return [cgroupStep(mount, attributes.set, context)]
  return fileSystemSteps(mount)
}

const attributesOf = ofConstant(({ destination, options = [] }: OciMount) =>
  parseMountOptions(destination, options),
)

const fileSystemSteps = ofConstant((mount: OciMount): readonly Step[] => {
  const { destination: target, type = '', source = type } = mount
  const { data, set } = attributesOf(mount)
  const step: Step = {
    op: 'mount-fs',
    at: SLOT.root,
    target,
    type,
    options: [`source=${source}`, ...data],
    attributes: set,
    // runC's tmpfs has the mode of the directory that it covers, not its owner (libcontainer/rootfs_linux.go).
    ...(type === 'tmpfs' && !data.some(isMode) && { inheritMode: true }),
  }
  return Object.isFrozen(mount) ? constantSteps([step]) : [step]
})

const isMode = (option: string): boolean => option.startsWith('mode=')

function bindOf(mount: OciMount, attributes: ReturnType<typeof parseMountOptions>): Step[] {
  const { source, layers, subpath } = mount
  if (!source) throw new EngineError('invalid', `mount ${mount.destination}: a bind mount needs a source`)
  if (attributes.data.length > 0) {
    throw new EngineError('invalid', `mount ${mount.destination}: unknown option '${attributes.data[0]}'`, {
      ...mount,
    })
  }
  const { recursive, set, clear, recursiveSet, propagation } = attributes
  return bindSteps(
    { source, layers, subpath },
    { at: SLOT.root, target: mount.destination, recursive, set, clear, recursiveSet, propagation },
  )
}

/** Without a cgroup namespace a fresh mount would show the whole tree: bind the container's own part instead. */
function cgroupStep(mount: OciMount, attributes: bigint, context: RootContext): Step {
  const { destination: target } = mount
  if (!context.cgroupNamespace && context.cgroupPath !== undefined) {
    const source = context.cgroupPath
    return {
      op: 'bind',
      source,
      at: SLOT.root,
      target,
      set: attributes,
      clear: 0n,
      recursiveSet: 0n,
      propagation: 0n,
    }
  }
  return { op: 'mount-fs', at: SLOT.root, target, type: 'cgroup2', options: ['source=cgroup'], attributes }
}
