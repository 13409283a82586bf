/** What a container may use and do, as keys of a compose service. Docker's defaults are left out. */
import type { HostConfig } from '../../../guest/protocol/api/engine-api.ts'
import type { ComposeMap } from './compose-yaml.ts'
import { filled, given } from './service-process.ts'

const MIB = 1024 * 1024
const DEFAULT_SHM = 64 * MIB
const DEFAULT_LOG = 'json-file'

/** `64m`, as one gives it on the command line, where that is exact; bytes otherwise. */
const bytes = (value: number): string => (value % MIB === 0 ? `${value / MIB}m` : `${value}b`)
const size = (value: number | undefined): string | undefined => (value ? bytes(value) : undefined)

export function limitsOf(host: HostConfig): ComposeMap {
  return {
    mem_limit: size(host.Memory),
    memswap_limit: swap(host),
    mem_reservation: size(host.MemoryReservation),
    mem_swappiness: host.MemorySwappiness ?? undefined,
    cpus: host.NanoCpus ? host.NanoCpus / 1e9 : undefined,
    cpu_shares: given(host.CpuShares),
    cpu_period: given(host.CpuPeriod),
    cpu_quota: given(host.CpuQuota),
    cpuset: given(host.CpusetCpus),
    pids_limit: given(host.PidsLimit),
    ulimits: filled(
      Object.fromEntries(
        (host.Ulimits ?? []).map(({ Name, Soft, Hard }) => [Name, { soft: Soft, hard: Hard }]),
      ),
    ),
    shm_size: host.ShmSize === DEFAULT_SHM ? undefined : size(host.ShmSize),
    blkio_config: host.BlkioWeight ? { weight: host.BlkioWeight } : undefined,
    oom_kill_disable: host.OomKillDisable === true || undefined,
    oom_score_adj: given(host.OomScoreAdj),
    cgroup_parent: given(host.CgroupParent),
  }
}

/** A limit of memory alone allows as much swap again. */
function swap({ Memory, MemorySwap }: HostConfig): string | number | undefined {
  if (!MemorySwap || MemorySwap === 2 * Memory) return undefined
  return MemorySwap < 0 ? MemorySwap : bytes(MemorySwap)
}

export function rightsOf(host: HostConfig): ComposeMap {
  const { Type = '', Config = {} } = host.LogConfig ?? {}
  const logs = filled(Config ?? {})
  return {
    privileged: host.Privileged || undefined,
    read_only: host.ReadonlyRootfs || undefined,
    cap_add: given(host.CapAdd),
    cap_drop: given(host.CapDrop),
    // Docker sets this itself for whoever is privileged.
    security_opt: given(
      (host.SecurityOpt ?? []).filter((option) => !host.Privileged || option !== 'label=disable'),
    ),
    group_add: given(host.GroupAdd),
    userns_mode: given(host.UsernsMode),
    uts: given(host.UTSMode),
    cgroup: host.CgroupnsMode === 'host' ? 'host' : undefined,
    devices: given(
      (host.Devices ?? []).map(({ PathOnHost, PathInContainer, CgroupPermissions }) =>
        [PathOnHost, PathInContainer, CgroupPermissions || 'rwm'].join(':'),
      ),
    ),
    device_cgroup_rules: given(host.DeviceCgroupRules),
    sysctls: filled(host.Sysctls ?? {}),
    logging: Type === DEFAULT_LOG && logs === undefined ? undefined : { driver: given(Type), options: logs },
    annotations: filled(host.Annotations ?? {}),
  }
}
