/**
 * A container's files as Docker's archive calls see them (moby, daemon/containerfs_linux.go): its root, the engine's files of
 * /etc, its volumes and bind mounts; not its /proc, /dev and tmpfs mounts, whether it runs or not. The steps build the view in
 * a mount namespace that ends with the plan and leave its root in SLOT.root. Whatever follows looks names up below that slot,
 * so no link of the container's leads out (CVE-2018-15664), and nothing of the container's is executed (CVE-2019-14271).
 */
import type { Container } from '../state/container.ts'
import type { ContainerRecord } from '../state/container-record.ts'
import type { EngineContext } from '../state/context.ts'
import { containerLayers } from '../layer/init-layer.ts'
import { bindSource, etcFiles } from '../config/container-spec.ts'
import { CLONE, MOUNT_ATTR, MS, O } from '../../plan/linux-constants.ts'
import { SLOT, type Step } from '../../plan/plan.ts'
import { bindSteps, type BindSource } from '../../oci/rootfs/bind-steps.ts'
import { overlayStep } from '../../oci/rootfs/overlay-step.ts'
import { DEFAULT_ROOT_MOUNT_POINT } from '../../oci/rootfs/root-steps.ts'

const NEWNS = Number(CLONE.NEWNS)
const OWN_MOUNTS = SLOT.first
const ROOT_TREE = SLOT.first + 1

const PRIVATE_NAMESPACE: readonly Step[] = [
  { op: 'unshare', flags: CLONE.NEWNS },
  {
    op: 'mount-setattr',
    path: '/',
    recursive: true,
    set: 0n,
    clear: 0n,
    propagation: BigInt(MS.PRIVATE),
  },
]

const OPEN_ROOT: Step = {
  op: 'open',
  slot: SLOT.root,
  path: DEFAULT_ROOT_MOUNT_POINT,
  flags: O.PATH | O.DIRECTORY,
}

/** An overlay must not be mounted twice: the mount of the running container is cloned out of its namespace. */
function runningRoot(identity: { pid: number; startTime: number }): Step[] {
  return [
    { op: 'open', slot: OWN_MOUNTS, path: '/proc/self/ns/mnt', flags: O.RDONLY },
    {
      op: 'open-process',
      slot: SLOT.process,
      pid: identity.pid,
      startTime: BigInt(identity.startTime),
    },
    { op: 'setns-slot', slot: SLOT.process, flags: NEWNS },
    { op: 'open-tree', slot: ROOT_TREE, path: '/' },
    { op: 'setns-slot', slot: OWN_MOUNTS, flags: NEWNS },
    { op: 'attach-tree', slot: ROOT_TREE, path: DEFAULT_ROOT_MOUNT_POINT },
  ]
}

function stoppedRoot({ paths }: EngineContext, record: ContainerRecord): Step {
  const directory = `${paths.overlay}/${record.id}`
  const overlay = {
    lower: containerLayers(paths, record.layers),
    upper: `${directory}/diff`,
    work: `${directory}/work`,
  }
  return overlayStep(overlay, DEFAULT_ROOT_MOUNT_POINT)
}

/** Makes the root read-only after all mounts, because mount points may have to be made in it. */
const readOnlyRoot: Step = {
  op: 'mount-setattr',
  at: SLOT.root,
  path: '',
  set: MOUNT_ATTR.RDONLY,
  clear: 0n,
  propagation: 0n,
}

function bind(from: BindSource, target: string, writable: boolean): Step[] {
  const readOnly = writable ? 0n : MOUNT_ATTR.RDONLY
  return bindSteps(from, {
    at: SLOT.root,
    target,
    recursive: true,
    set: readOnly,
    clear: 0n,
    recursiveSet: readOnly,
    propagation: BigInt(MS.PRIVATE | MS.REC),
  })
}

const depth = (path: string): number => path.split('/').filter(Boolean).length

async function mountSteps(context: EngineContext, record: ContainerRecord): Promise<Step[]> {
  const etc = etcFiles(context, record.id)
  const volumes = record.mounts.filter(({ type }) => type === 'bind')
  const taken = new Set(record.mounts.map(({ destination }) => destination))
  const writable = !record.hostConfig.ReadonlyRootfs
  const wanted = [
    { source: etc.resolvConf, destination: '/etc/resolv.conf', writable },
    { source: etc.hostname, destination: '/etc/hostname', writable },
    { source: etc.hosts, destination: '/etc/hosts', writable },
  ].filter(({ destination }) => !taken.has(destination))
  const present = await Promise.all(wanted.map(({ source }) => context.files.exists(source)))
  return [
    ...wanted
      .filter((_, index) => present[index])
      .map(({ source, ...others }) => ({ from: { source }, ...others })),
    ...volumes.map((mount) => ({
      from: bindSource(context, record, mount),
      destination: mount.destination,
      writable: mount.point.RW,
    })),
  ]
    .sort((a, b) => depth(a.destination) - depth(b.destination))
    .flatMap(({ from, destination, writable }) => bind(from, destination, writable))
}

/** `cp` sees what is mounted in the container; `export` sees what lies below the mounts (moby, daemon/export.go). */
export type ViewOf = 'root' | 'root and mounts'

/**
 * Steps that build the view. The container must neither start nor end while the plan runs on a stopped container's
 * overlay: `streamOnFiles` holds its lock.
 */
export async function viewSteps(context: EngineContext, container: Container, of: ViewOf): Promise<Step[]> {
  const { record } = container
  const running = container.task !== undefined && record.state.pid > 0
  return [
    ...PRIVATE_NAMESPACE,
    { op: 'mkdir', path: DEFAULT_ROOT_MOUNT_POINT, mode: 0o700, parents: true },
    ...(running ? runningRoot(record.state) : [stoppedRoot(context, record)]),
    OPEN_ROOT,
    ...(of === 'root' ? [] : await mountSteps(context, record)),
    ...(record.hostConfig.ReadonlyRootfs ? [readOnlyRoot] : []),
  ]
}
