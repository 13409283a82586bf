/** /dev: the devices every container has (config-linux.md, Default Devices), the spec's own, links, the console. */
import { S_IF } from '../../plan/linux-constants.ts'
import { constantSteps, SLOT, type Step } from '../../plan/plan.ts'
import type { RootContext } from './root-context.ts'
import type { OciDevice, OciSpec } from '../spec.ts'

const character = (path: string, major: number, minor: number): OciDevice => ({
  type: 'c',
  path,
  major,
  minor,
  fileMode: 0o666,
})

const DEFAULT_DEVICES: readonly OciDevice[] = [
  character('/dev/null', 1, 3),
  character('/dev/zero', 1, 5),
  character('/dev/full', 1, 7),
  character('/dev/random', 1, 8),
  character('/dev/urandom', 1, 9),
  character('/dev/tty', 5, 0),
]

const LINK_STEPS = constantSteps(
  [
    ['/dev/fd', '/proc/self/fd'],
    ['/dev/stdin', '/proc/self/fd/0'],
    ['/dev/stdout', '/proc/self/fd/1'],
    ['/dev/stderr', '/proc/self/fd/2'],
    ['/dev/ptmx', 'pts/ptmx'],
  ].map(([path, target]): Step => ({
    op: 'symlink',
    at: SLOT.root,
    target: target!,
    path: path!,
    tolerate: 'EEXIST',
  })),
)

const TYPE = { c: S_IF.CHR, u: S_IF.CHR, b: S_IF.BLK, p: S_IF.IFO } as const

export function deviceSteps(spec: OciSpec, context: RootContext): Step[] {
  const hostDev = (spec.mounts ?? []).some(
    ({ destination, type }) => destination === '/dev' && type !== 'tmpfs',
  )
  return [
    ...(hostDev ? [] : nodeSteps(spec, context)),
    ...(hostDev ? [] : LINK_STEPS),
    ...(context.terminal ? console(context) : []),
  ]
}

function nodeSteps(spec: OciSpec, { userNamespace }: RootContext): readonly Step[] {
  if (userNamespace) return allDevices(spec).map(bindDevice)
  return spec.linux?.devices?.length ? allDevices(spec).flatMap(makeDevice) : DEFAULT_DEVICE_STEPS
}

/** The spec's devices replace default ones of the same path. */
function allDevices(spec: OciSpec): OciDevice[] {
  const own = spec.linux?.devices ?? []
  const paths = new Set(own.map(({ path }) => path))
  return [...DEFAULT_DEVICES.filter(({ path }) => !paths.has(path)), ...own]
}

function makeDevice({
  type,
  path,
  major = 0,
  minor = 0,
  fileMode = 0o666,
  uid = 0,
  gid = 0,
}: OciDevice): Step[] {
  const mode = TYPE[type] | (fileMode & 0o7777)
  const make: Step = { op: 'mknod', at: SLOT.root, path, mode, major, minor }
  return uid === 0 && gid === 0 ? [make] : [make, { op: 'chown', at: SLOT.root, path, uid, gid }]
}

const DEFAULT_DEVICE_STEPS = constantSteps(DEFAULT_DEVICES.flatMap(makeDevice))

/** mknod is refused in a user namespace: take the guest's own node. */
function bindDevice({ path }: OciDevice): Step {
  return {
    op: 'bind',
    source: path,
    at: SLOT.root,
    target: path,
    set: 0n,
    clear: 0n,
    recursiveSet: 0n,
    propagation: 0n,
  }
}

function console({ columns, rows }: RootContext): Step[] {
  return [
    { op: 'open-pty', at: SLOT.root, path: '/dev/pts', columns, rows },
    { op: 'bind-console', at: SLOT.root, path: '/dev/console' },
  ]
}
