/**
 * The last part of every process that joins or makes a container: limits, user, capabilities, seccomp, execve. Order as
 * in runC: without no-new-privileges a filter needs CAP_SYS_ADMIN, so it comes before the privileges go; with it, last.
 */
import { EngineError } from '../../../protocol/errors.ts'
import { ofConstant } from '../../plan/of-constant.ts'
import { capabilityMask, CAPABILITIES } from './capabilities.ts'
import { constantSteps, SLOT, type Slot, type Step } from '../../plan/plan.ts'
import { rlimitSteps } from './rlimits.ts'
import { seccompFlags, compileSeccomp } from '../seccomp/seccomp-program.ts'
import type { OciCapabilities, OciProcess, OciSeccomp, OciUser } from '../spec.ts'

const text = new TextEncoder()
const PERSONALITY = { LINUX: 0, LINUX32: 8 } as const

export interface ProcessStepOptions {
  seccomp?: OciSeccomp
  createCwd?: boolean
  personality?: 'LINUX' | 'LINUX32'
  /** Steps between set-up and the loss of privileges: waiting for the start, hooks. */
  beforeExecute?: readonly Step[]
}

/** These steps run while /proc is still the guest's own (a container could forge its own, CVE-2025-52881). */
export function oomScoreSteps(process: OciProcess): Step[] {
  if (process.oomScoreAdj === undefined) return []
  return [
    { op: 'write-file', path: '/proc/self/oom_score_adj', data: text.encode(String(process.oomScoreAdj)) },
  ]
}

/** The container's processes must not be able to trace the one that joins or makes it. */
export const UNDUMPABLE = constantSteps([{ op: 'dumpable', value: 0 }])

/** Pipes for input and output, of a session of its own. */
export const PLAIN_STDIO = constantSteps([{ op: 'set-session' }, { op: 'stdio', at: SLOT.root }])

/** Expects the root to be the container's, stdio to be in place and the user to be looked up. */
export function processSteps(process: OciProcess, options: ProcessStepOptions): Step[] {
  if (process.args.length === 0) throw new EngineError('invalid', 'process.args must not be empty')
  if (!process.cwd.startsWith('/'))
    throw new EngineError('invalid', `process.cwd '${process.cwd}' is not absolute`)
  const filter = options.seccomp === undefined ? [] : filterSteps(options.seccomp)
  const privileged = process.noNewPrivileges !== true
  return [
    ...rlimitSteps(process),
    ...(options.personality === undefined ? [] : [personality(options.personality)]),
    ...(process.user.umask === undefined ? DEFAULT_UMASK : [umask(process.user.umask)]),
    { op: 'chdir', path: process.cwd, create: options.createCwd ?? false },
    ...homeLookup(process),
    ...(options.beforeExecute ?? []),
    ...(privileged ? filter : []),
    ...credentialSteps(process),
    ...(privileged ? [] : [...NO_NEW_PRIVILEGES, ...filter]),
    { op: 'execute', argv: process.args, env: process.env ?? [] },
  ]
}

const umask = (mask: number): Step => ({ op: 'umask', mask })
const DEFAULT_UMASK = constantSteps([umask(0o022)])

const personality = (domain: 'LINUX' | 'LINUX32'): Step => ({
  op: 'personality',
  persona: PERSONALITY[domain],
})

/**
 * Who the process is, by the files of the image alone, as Docker looks users up: a file that is mounted on /etc/passwd names
 * nobody (moby, daemon/oci_linux.go, getUser). `at` is a root without what is mounted in it.
 */
export function userLookup(user: OciUser, at: Slot): Step[] {
  const named = user.username !== undefined
  const groups = (named ? user.additionalGroups : user.additionalGids?.map(String)) ?? []
  return [
    {
      op: 'resolve-user',
      at,
      user: named ? user.username! : `${user.uid}:${user.gid}`,
      // Docker makes it a supplementary group too, so that a change of the primary group does not shed it
      // (CVE-2022-36109).
      ...(named && { ownGroup: 1 }),
    },
    ...groups.map((group): Step => ({ op: 'add-group', at, group })),
  ]
}

/** HOME comes from the files that the process itself will see, mounted or not (runC, libcontainer/env.go). */
function homeLookup({ env = [] }: OciProcess): Step[] {
  const given = env.findLast((entry) => entry.startsWith('HOME='))
  return given === undefined || given === 'HOME=' ? [{ op: 'find-home', at: SLOT.root }] : []
}

const NO_NEW_PRIVILEGES = constantSteps([{ op: 'no-new-privileges' }])
const PLAIN_CREDENTIALS = constantSteps([{ op: 'set-user' }])

const credentialSteps = ({ capabilities }: OciProcess): readonly Step[] =>
  capabilities === undefined ? PLAIN_CREDENTIALS : capabilitySteps(capabilities)

const capabilitySteps = ofConstant((capabilities: OciCapabilities): readonly Step[] =>
  constantSteps([
    { op: 'bounding-set', keep: capabilityMask(capabilities.bounding) },
    { op: 'keep-capabilities', value: 1 },
    { op: 'set-user' },
    { op: 'keep-capabilities', value: 0 },
    {
      op: 'capset',
      effective: capabilityMask(capabilities.effective),
      permitted: capabilityMask(capabilities.permitted),
      inheritable: capabilityMask(capabilities.inheritable),
    },
    { op: 'ambient-set', raise: capabilityMask(capabilities.ambient) },
  ]),
)

const filterSteps = ofConstant((seccomp: OciSeccomp): readonly Step[] =>
  constantSteps([{ op: 'seccomp', program: compileSeccomp(seccomp), flags: seccompFlags(seccomp) }]),
)

/** All that this kernel has: what `--privileged` gives. */
export const ALL_CAPABILITIES: readonly string[] = CAPABILITIES
