/** A further process in a running container: `docker exec`. Pure. */
import type { ExecOptions } from './compile-options.ts'
import { O } from '../plan/linux-constants.ts'
import { isPrivate, joinFlags, NAMESPACE_FLAG, readNamespaces } from './process/namespaces.ts'
import { constantSteps, planIo, SLOT, type LaunchPlan, type Step } from '../plan/plan.ts'
import { oomScoreSteps, PLAIN_STDIO, processSteps, UNDUMPABLE, userLookup } from './process/process-steps.ts'
import type { OciProcess, OciSpec } from './spec.ts'

/** `spec` is the container's; `process` describes the new process, with capabilities of its own. */
export function compileExecPlan(spec: OciSpec, process: OciProcess, options: ExecOptions): LaunchPlan {
  return {
    id: options.id,
    shim: shimSteps(spec, options),
    init: initSteps(spec, process, options),
    io: planIo(process.terminal ?? false, options),
    socketPath: `${options.shimDir}/${options.id}.sock`,
    exitPath: `${options.shimDir}/${options.id}.exit`,
    logPath: options.logPath,
    memoryEventsPath: options.cgroupPath && `${options.cgroupPath}/memory.events`,
  }
}

const OPEN_ROOTS = constantSteps([
  { op: 'open', slot: SLOT.root, path: '/', flags: O.PATH | O.DIRECTORY },
  { op: 'open-tree', slot: SLOT.bareRoot, path: '/' },
])
const CLOSE_BARE_ROOT = constantSteps([{ op: 'close', slot: SLOT.bareRoot }])

/** A PID namespace is entered by forking, so it is the shim that joins it. */
function shimSteps(spec: OciSpec, { container, cgroupPath }: ExecOptions): Step[] {
  const { pid, startTime } = container
  const ownPids = isPrivate(readNamespaces(spec.linux), 'pid')
  const join: Step[] = [{ op: 'setns-slot', slot: SLOT.process, flags: Number(NAMESPACE_FLAG.pid) }]
  return [
    { op: 'open-process', slot: SLOT.process, pid, startTime: BigInt(startTime) },
    ...(ownPids ? join : []),
    { op: 'clone', flags: 0n, cgroup: cgroupPath ?? '' },
    { op: 'await-exec' },
    { op: 'await-exit' },
  ]
}

function initSteps(spec: OciSpec, process: OciProcess, options: ExecOptions): Step[] {
  const namespaces = readNamespaces(spec.linux)
  const columns = options.consoleSize?.columns ?? process.consoleSize?.width ?? 80
  const rows = options.consoleSize?.rows ?? process.consoleSize?.height ?? 24
  const userNamespace = isPrivate(namespaces, 'user')
  return [
    ...oomScoreSteps(process),
    ...UNDUMPABLE,
    { op: 'setns-slot', slot: SLOT.process, flags: Number(joinFlags(namespaces)) },
    ...(userNamespace ? [{ op: 'setresgid', gid: 0 } as const, { op: 'setresuid', uid: 0 } as const] : []),
    ...OPEN_ROOTS,
    ...userLookup(process.user, SLOT.bareRoot),
    ...CLOSE_BARE_ROOT,
    ...(process.terminal
      ? [{ op: 'open-pty', at: SLOT.root, path: '/dev/pts', columns, rows } as const]
      : PLAIN_STDIO),
    ...processSteps(process, { seccomp: spec.linux?.seccomp, createCwd: false }),
  ]
}
