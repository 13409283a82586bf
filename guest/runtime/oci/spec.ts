/**
 * The part of an OCI runtime configuration (config.json) that Porthole executes, as types.
 * https://github.com/opencontainers/runtime-spec/blob/v1.2.0/config.md and config-linux.md
 */
export interface OciSpec {
  ociVersion: string
  process?: OciProcess
  root?: { path: string; readonly?: boolean }
  hostname?: string
  domainname?: string
  mounts?: OciMount[]
  hooks?: OciHooks
  linux?: OciLinux
  annotations?: Record<string, string>
}

export interface OciProcess {
  terminal?: boolean
  consoleSize?: { height: number; width: number }
  user: OciUser
  args: string[]
  env?: string[]
  cwd: string
  capabilities?: OciCapabilities
  rlimits?: { type: string; soft: number | bigint; hard: number | bigint }[]
  noNewPrivileges?: boolean
  oomScoreAdj?: number
}

export interface OciUser {
  uid: number
  gid: number
  umask?: number
  additionalGids?: number[]
  /**
   * Docker's `--user` and `--group-add`, when the numbers are to be looked up in the container's own /etc/passwd and
   * /etc/group; the spec itself uses `username` on Windows only. uid, gid and additionalGids are then ignored.
   */
  username?: string
  additionalGroups?: string[]
}

export interface OciCapabilities {
  bounding?: readonly string[]
  effective?: readonly string[]
  inheritable?: readonly string[]
  permitted?: readonly string[]
  ambient?: readonly string[]
}

export interface OciMount {
  destination: string
  type?: string
  source?: string
  options?: readonly string[]
  uidMappings?: OciIdMapping[]
  gidMappings?: OciIdMapping[]
  /** Not OCI's: a bind of what lies at this path below the source, looked up without leaving it. */
  subpath?: string
  /** Not OCI's: a read-only bind of these directories merged, topmost first, at the source. */
  layers?: string[]
}

export interface OciIdMapping {
  containerID: number
  hostID: number
  size: number
}

export interface OciHook {
  path: string
  args?: string[]
  env?: string[]
  /** Seconds. */
  timeout?: number
}

export interface OciHooks {
  prestart?: OciHook[]
  createRuntime?: OciHook[]
  createContainer?: OciHook[]
  startContainer?: OciHook[]
  poststart?: OciHook[]
  poststop?: OciHook[]
}

export const OCI_NAMESPACES = ['pid', 'network', 'mount', 'ipc', 'uts', 'user', 'cgroup', 'time'] as const
export type OciNamespaceType = (typeof OCI_NAMESPACES)[number]

export interface OciLinux {
  namespaces?: { type: OciNamespaceType; path?: string }[]
  uidMappings?: OciIdMapping[]
  gidMappings?: OciIdMapping[]
  timeOffsets?: Record<string, { secs?: number; nanosecs?: number }>
  devices?: OciDevice[]
  cgroupsPath?: string
  resources?: OciResources
  rootfsPropagation?: string
  seccomp?: OciSeccomp
  sysctl?: Readonly<Record<string, string>>
  maskedPaths?: readonly string[]
  readonlyPaths?: readonly string[]
  personality?: { domain: 'LINUX' | 'LINUX32'; flags?: string[] }
}

export interface OciDevice {
  type: 'c' | 'b' | 'u' | 'p'
  path: string
  major?: number
  minor?: number
  fileMode?: number
  uid?: number
  gid?: number
}

export interface OciDeviceRule {
  allow: boolean
  type?: 'a' | 'b' | 'c'
  major?: number
  minor?: number
  access?: string
}

export interface OciResources {
  devices?: readonly OciDeviceRule[]
  memory?: {
    /** Bytes; -1 is unlimited. `swap` is memory plus swap, as in cgroup v1. */
    limit?: number
    reservation?: number
    swap?: number
    disableOOMKiller?: boolean
  }
  cpu?: {
    shares?: number
    /** Microseconds; quota -1 is unlimited. */
    quota?: number
    burst?: number
    period?: number
    cpus?: string
    mems?: string
    idle?: number
  }
  pids?: { limit: number }
  blockIO?: {
    weight?: number
    weightDevice?: { major: number; minor: number; weight?: number }[]
    throttleReadBpsDevice?: OciThrottle[]
    throttleWriteBpsDevice?: OciThrottle[]
    throttleReadIOPSDevice?: OciThrottle[]
    throttleWriteIOPSDevice?: OciThrottle[]
  }
  /** File name in the cgroup → value: written last. */
  unified?: Record<string, string>
}

export interface OciThrottle {
  major: number
  minor: number
  /** Bytes or operations a second. */
  rate: number
}

export const SECCOMP_ACTIONS = [
  'SCMP_ACT_KILL',
  'SCMP_ACT_KILL_PROCESS',
  'SCMP_ACT_KILL_THREAD',
  'SCMP_ACT_TRAP',
  'SCMP_ACT_ERRNO',
  'SCMP_ACT_TRACE',
  'SCMP_ACT_ALLOW',
  'SCMP_ACT_LOG',
] as const
export type SeccompAction = (typeof SECCOMP_ACTIONS)[number]

export const SECCOMP_OPERATORS = [
  'SCMP_CMP_NE',
  'SCMP_CMP_LT',
  'SCMP_CMP_LE',
  'SCMP_CMP_EQ',
  'SCMP_CMP_GE',
  'SCMP_CMP_GT',
  'SCMP_CMP_MASKED_EQ',
] as const
export type SeccompOperator = (typeof SECCOMP_OPERATORS)[number]

export interface SeccompArgument {
  index: number
  value: number
  valueTwo?: number
  op: SeccompOperator
}

export interface SeccompSyscalls {
  names: string[]
  action: SeccompAction
  errnoRet?: number
  args?: SeccompArgument[]
}

export interface OciSeccomp {
  defaultAction: SeccompAction
  defaultErrnoRet?: number
  architectures?: string[]
  flags?: string[]
  syscalls?: SeccompSyscalls[]
}
