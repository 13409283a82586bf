/**
 * Turns a container's record into an OCI runtime configuration with Docker's defaults. Pure; source: moby,
 * daemon/oci_linux.go.
 */
import type { OciNamespaceType, OciProcess, OciSpec } from '../../oci/spec.ts'
import type { ContainerRecord } from '../state/container-record.ts'
import { cgroupsPathOf } from '../state/cgroup.ts'
import { deviceRules, specLimits } from './spec-resources.ts'
import type { SpecInput } from './spec-input.ts'
import { INIT_PATH, specMounts } from './spec-mounts.ts'
import { capabilitySet, parseSecurityOptions, specCapabilities, specSeccomp } from './spec-security.ts'

export const DEFAULT_PATH = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

/**
 * The environment in Docker's order: its own variables, those of links, then the container's over them, then what an
 * exec adds; an entry without `=` takes a variable away. The launcher adds HOME from the container's /etc/passwd.
 */
export function processEnv(
  record: ContainerRecord,
  terminal: boolean,
  { links = [], extra = [] }: { links?: readonly string[]; extra?: readonly string[] } = {},
): string[] {
  const env = new Map<string, string>()
  const set = (entry: string) => {
    const at = entry.indexOf('=')
    if (at < 0) env.delete(entry)
    else env.set(entry.slice(0, at), entry)
  }
  set(DEFAULT_PATH)
  set(`HOSTNAME=${record.config.Hostname}`)
  if (terminal) set('TERM=xterm')
  for (const entry of [...links, ...(record.config.Env ?? []), ...extra]) set(entry)
  return [...env.values()]
}

function specProcess(
  { record, linkVariables: links }: SpecInput,
  capabilities: readonly string[],
): OciProcess {
  const { config, hostConfig } = record
  const command = [record.path, ...record.args]
  const [rows, columns] = hostConfig.ConsoleSize
  return {
    terminal: config.Tty,
    ...(config.Tty && rows > 0 && { consoleSize: { height: rows, width: columns } }),
    user: { uid: 0, gid: 0, username: config.User, additionalGroups: hostConfig.GroupAdd ?? [] },
    args: hostConfig.Init ? [INIT_PATH, '--', ...command] : command,
    env: processEnv(record, config.Tty, { links }),
    cwd: config.WorkingDir || '/',
    capabilities: specCapabilities(capabilities),
    rlimits: (hostConfig.Ulimits ?? []).map(({ Name, Soft, Hard }) => ({
      type: `RLIMIT_${Name.toUpperCase()}`,
      soft: Soft,
      hard: Hard,
    })),
    noNewPrivileges: parseSecurityOptions(hostConfig.SecurityOpt).noNewPrivileges,
    ...(hostConfig.OomScoreAdj !== 0 && { oomScoreAdj: hostConfig.OomScoreAdj }),
  }
}

function namespaces(input: SpecInput): { type: OciNamespaceType; path?: string }[] {
  const { hostConfig } = input.record
  const list: { type: OciNamespaceType; path?: string }[] = [{ type: 'mount' }]
  const own = (type: OciNamespaceType, path?: string) =>
    list.push(path === undefined ? { type } : { type, path })
  if (input.netnsPath !== undefined) own('network', input.netnsPath)
  if (hostConfig.UTSMode !== 'host') own('uts')
  if (hostConfig.PidMode !== 'host') own('pid', input.join.pid)
  if (hostConfig.IpcMode !== 'host') own('ipc', input.join.ipc)
  if (hostConfig.CgroupnsMode !== 'host') own('cgroup')
  return list
}

/** Docker lets an unprivileged container bind low ports and ping, in a network namespace of its own only. */
function sysctls({ netnsPath, record }: SpecInput): Readonly<Record<string, string>> {
  const { Sysctls } = record.hostConfig
  const network = netnsPath === undefined ? NO_SYSCTLS : NETWORK_SYSCTLS
  return Sysctls && Object.keys(Sysctls).length > 0 ? { ...network, ...Sysctls } : network
}

const NO_SYSCTLS: Readonly<Record<string, string>> = Object.freeze({})
const NETWORK_SYSCTLS: Readonly<Record<string, string>> = Object.freeze({
  'net.ipv4.ip_unprivileged_port_start': '0',
  'net.ipv4.ping_group_range': '0 2147483647',
})

export function generateSpec(input: SpecInput): OciSpec {
  const { record } = input
  const { config, hostConfig } = record
  const capabilities = capabilitySet(hostConfig, input.capabilities)
  const seccomp = specSeccomp(hostConfig, capabilities)
  const ownUts = hostConfig.UTSMode !== 'host'
  return {
    ociVersion: '1.2.0',
    process: specProcess(input, capabilities),
    root: { path: 'rootfs', readonly: hostConfig.ReadonlyRootfs },
    ...(ownUts && { hostname: config.Hostname }),
    ...(ownUts && config.Domainname && { domainname: config.Domainname }),
    mounts: specMounts(input),
    ...(hostConfig.Annotations && { annotations: hostConfig.Annotations }),
    linux: {
      namespaces: namespaces(input),
      devices: input.devices.map(({ path, type, major, minor, mode, uid, gid }) => ({
        path,
        type,
        major,
        minor,
        fileMode: mode,
        uid,
        gid,
      })),
      cgroupsPath: cgroupsPathOf(record),
      resources: {
        ...specLimits(hostConfig, input.blockDevices),
        devices: deviceRules(hostConfig, input.devices),
      },
      ...(seccomp && { seccomp }),
      sysctl: sysctls(input),
      maskedPaths: hostConfig.MaskedPaths ?? [],
      readonlyPaths: hostConfig.ReadonlyPaths ?? [],
      rootfsPropagation: 'rprivate',
    },
  }
}
