/** OCI configuration → the list of syscalls that makes the container. Pure: tests compare plans. */
import { EngineError } from '../../protocol/errors.ts'
import { ofConstant } from '../plan/of-constant.ts'
import { cgroupSteps } from './process/cgroup-steps.ts'
import type { CompileOptions } from './compile-options.ts'
import { hookState, hookSteps } from './process/hook-steps.ts'
import { propagationFlags } from './rootfs/mount-options.ts'
import {
  cloneFlags,
  isPrivate,
  NAMESPACE_FLAG,
  readNamespaces,
  type Namespaces,
} from './process/namespaces.ts'
import { constantSteps, planIo, SLOT, type LaunchPlan, type Step } from '../plan/plan.ts'
import { oomScoreSteps, PLAIN_STDIO, processSteps, UNDUMPABLE } from './process/process-steps.ts'
import { rootSteps } from './rootfs/root-steps.ts'
import type { RootContext } from './rootfs/root-context.ts'
import { shimJoinSteps, timeSteps } from './process/shim-namespace-steps.ts'
import type { OciProcess, OciSpec } from './spec.ts'

const encoder = new TextEncoder()

/** Synchronise points between shim and init. */
const POINT = { idMapped: 1, created: 2, start: 3 } as const

export function compilePlan(spec: OciSpec, options: CompileOptions): LaunchPlan {
  const process = spec.process
  if (process === undefined) throw new EngineError('invalid', 'config.json: process is missing')
  const namespaces = readNamespaces(spec.linux)
  if (!isPrivate(namespaces, 'mount')) {
    throw new EngineError('invalid', 'config.json: linux.namespaces must have a mount namespace')
  }
  const terminal = process.terminal ?? false
  return {
    id: options.id,
    shim: shimSteps(spec, options, namespaces),
    init: initSteps(spec, process, options, namespaces),
    io: planIo(terminal, options),
    socketPath: `${options.shimDir}/${options.id}.sock`,
    exitPath: `${options.shimDir}/${options.id}.exit`,
    logPath: options.logPath,
    logMaxBytes: options.logMaxBytes,
    memoryEventsPath: options.cgroupPath && `${options.cgroupPath}/memory.events`,
  }
}

function shimSteps(spec: OciSpec, options: CompileOptions, namespaces: Namespaces): Step[] {
  const { join, leave } = shimJoinSteps(namespaces, options.dnsListener ?? false)
  const cgroup = options.cgroupPath
  const state = (status: 'creating' | 'running' | 'stopped') =>
    hookState(spec, options.id, options.bundle ?? '', status)
  const early = [...(spec.hooks?.prestart ?? []), ...(spec.hooks?.createRuntime ?? [])]
  return [
    ...(options.setUp ?? []),
    ...overlayDirectories(options),
    ...(cgroup === undefined ? [] : cgroupSteps(cgroup, spec.linux?.resources ?? {})),
    ...timeSteps(namespaces, spec.linux?.timeOffsets),
    ...join,
    { op: 'clone', flags: cloneFlags(namespaces), cgroup: cgroup ?? '' },
    ...leave,
    ...idMapSteps(spec, namespaces),
    ...(early.length === 0 ? [] : [...hookSteps(early, state('creating')), RELEASE_CREATED]),
    ...(options.waitForStart ? [{ op: 'await-start' } as const, RELEASE_START] : []),
    { op: 'await-exec' },
    ...hookSteps(spec.hooks?.poststart, state('running')),
    { op: 'await-exit' },
    ...(cgroup === undefined ? [] : [{ op: 'cgroup-remove', path: cgroup } as const]),
    ...hookSteps(spec.hooks?.poststop, state('stopped')),
    ...(options.tearDown ?? []),
  ]
}

const RELEASE_CREATED: Step = { op: 'release-init', point: POINT.created }
const RELEASE_START: Step = { op: 'release-init', point: POINT.start }

function overlayDirectories({ root }: CompileOptions): Step[] {
  if (!('overlay' in root)) return []
  return [root.overlay.upper, root.overlay.work].map((path) => ({
    op: 'mkdir',
    path,
    mode: 0o755,
    parents: true,
  }))
}

function idMapSteps({ linux }: OciSpec, { created }: Namespaces): Step[] {
  if (!created.has('user')) return []
  const lines = (maps: { containerID: number; hostID: number; size: number }[] | undefined): Uint8Array =>
    encoder.encode((maps ?? []).map((map) => `${map.containerID} ${map.hostID} ${map.size}\n`).join(''))
  return [
    { op: 'write-id-map', file: 'uid_map', data: lines(linux?.uidMappings) },
    { op: 'write-id-map', file: 'gid_map', data: lines(linux?.gidMappings) },
    { op: 'release-init', point: POINT.idMapped },
  ]
}

const PIVOT_ROOT = constantSteps([{ op: 'pivot-root', at: SLOT.root }])

function initSteps(
  spec: OciSpec,
  process: OciProcess,
  options: CompileOptions,
  namespaces: Namespaces,
): Step[] {
  const userNamespace = isPrivate(namespaces, 'user')
  const linux = spec.linux ?? {}
  const hooks = spec.hooks ?? {}
  const early = (hooks.prestart?.length ?? 0) + (hooks.createRuntime?.length ?? 0) > 0
  const state = hookState(spec, options.id, options.bundle ?? '', 'created')
  return [
    ...(userNamespace ? becomeMappedRoot(namespaces) : UNDUMPABLE),
    ...joinSteps(namespaces),
    ...(namespaces.created.has('cgroup') ? [{ op: 'unshare', flags: NAMESPACE_FLAG.cgroup } as const] : []),
    ...(namespaces.created.has('network') ? [{ op: 'interface-up', name: 'lo' } as const] : []),
    ...oomScoreSteps(process),
    ...rootSteps(spec, options, rootContext(process, options, namespaces)),
    ...(linux.sysctl ? sysctlSteps(linux.sysctl) : []),
    ...(spec.hostname ? [{ op: 'set-hostname', name: spec.hostname } as const] : []),
    ...(spec.domainname ? [{ op: 'set-domainname', name: spec.domainname } as const] : []),
    ...(process.terminal ? [] : PLAIN_STDIO),
    ...(early ? [{ op: 'synchronise', point: POINT.created } as const] : []),
    ...hookSteps(hooks.createContainer, { ...state, status: 'creating' }),
    ...PIVOT_ROOT,
    ...rootPropagation(linux.rootfsPropagation),
    { op: 'session-keyring', name: `_ses.${options.id}`, tolerate: 'ENOSYS' },
    ...processSteps(process, {
      seccomp: linux.seccomp,
      createCwd: options.createCwd,
      personality: linux.personality?.domain,
      beforeExecute: [
        ...(options.waitForStart ? [{ op: 'synchronise', point: POINT.start } as const] : []),
        ...hookSteps(hooks.startContainer, state),
      ],
    }),
  ]
}

function becomeMappedRoot({ created, joined }: Namespaces): Step[] {
  const path = joined.get('user')
  return [
    ...(created.has('user') ? [{ op: 'synchronise', point: POINT.idMapped } as const] : []),
    ...(path === undefined ? [] : [{ op: 'setns', path, flags: Number(NAMESPACE_FLAG.user) } as const]),
    { op: 'setresgid', gid: 0 },
    { op: 'setresuid', uid: 0 },
  ]
}

/**
 * The init joins these namespaces. The shim joins PID and time always, and network, IPC and UTS before it clones into a
 * new user namespace.
 */
function joinSteps({ created, joined }: Namespaces): Step[] {
  const early = new Set(['pid', 'time', 'user', ...(created.has('user') ? ['network', 'ipc', 'uts'] : [])])
  return [...joined]
    .filter(([type]) => !early.has(type))
    .map(([type, path]) => ({ op: 'setns', path, flags: Number(NAMESPACE_FLAG[type]) }))
}

function rootContext(process: OciProcess, options: CompileOptions, namespaces: Namespaces): RootContext {
  return {
    terminal: process.terminal ?? false,
    userNamespace: isPrivate(namespaces, 'user'),
    cgroupNamespace: isPrivate(namespaces, 'cgroup'),
    cgroupPath: options.cgroupPath,
    columns: options.consoleSize?.columns ?? process.consoleSize?.width ?? 80,
    rows: options.consoleSize?.rows ?? process.consoleSize?.height ?? 24,
  }
}

/**
 * The init writes through the guest's /proc: it is in the container's namespaces already, and a container's /proc is
 * not trusted.
 */
const sysctlSteps = ofConstant((sysctl: Readonly<Record<string, string>>): readonly Step[] => {
  const steps = Object.entries(sysctl).map(([name, value]): Step => {
    if (!/^[A-Za-z0-9_]+([./][A-Za-z0-9_-]+)+$/.test(name)) {
      throw new EngineError('invalid', `sysctl "${name}" is not a name of /proc/sys`, { name })
    }
    const path = name.includes('/') ? name : name.replaceAll('.', '/')
    return { op: 'write-file', path: `/proc/sys/${path}`, data: encoder.encode(value) }
  })
  return Object.isFrozen(sysctl) ? constantSteps(steps) : steps
})

function rootPropagation(name: string | undefined): Step[] {
  if (!name) return []
  const propagation = propagationFlags(name)
  if (propagation === undefined)
    throw new EngineError('invalid', `rootfsPropagation "${name}" does not exist`, { name })
  return [{ op: 'mount-setattr', path: '/', set: 0n, clear: 0n, propagation }]
}
