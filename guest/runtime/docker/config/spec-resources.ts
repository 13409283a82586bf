/** `docker run`'s limits as OCI resources. Source: moby, daemon/oci_linux.go (WithCgroups, WithResources, WithDevices). */
import type { HostConfig, Resources, ThrottleDevice } from '../../../protocol/api/engine-api.ts'
import type { OciDeviceRule, OciResources, OciThrottle } from '../../oci/spec.ts'
import { EngineError } from '../../../protocol/errors.ts'
import type { SpecInput } from './spec-input.ts'

/** The scheduler's default period, to which `--cpus` is converted. Microseconds. */
const CPU_PERIOD = 100_000

type Numbers = SpecInput['blockDevices']

const throttles = (devices: ThrottleDevice[] | null, numbers: Numbers): OciThrottle[] | undefined =>
  devices?.length ? devices.map(({ Path, Rate }) => ({ ...numbers[Path]!, rate: Rate })) : undefined

function blockIo(r: Resources, numbers: Numbers): OciResources['blockIO'] | undefined {
  const limits = {
    weight: r.BlkioWeight || undefined,
    weightDevice: r.BlkioWeightDevice?.length
      ? r.BlkioWeightDevice.map(({ Path, Weight }) => ({ ...numbers[Path]!, weight: Weight }))
      : undefined,
    throttleReadBpsDevice: throttles(r.BlkioDeviceReadBps, numbers),
    throttleWriteBpsDevice: throttles(r.BlkioDeviceWriteBps, numbers),
    throttleReadIOPSDevice: throttles(r.BlkioDeviceReadIOps, numbers),
    throttleWriteIOPSDevice: throttles(r.BlkioDeviceWriteIOps, numbers),
  }
  return Object.values(limits).some((value) => value !== undefined) ? limits : undefined
}

function cpu(r: Resources): OciResources['cpu'] {
  const quota = r.NanoCpus > 0 ? Math.floor((r.NanoCpus * CPU_PERIOD) / 1e9) : r.CpuQuota
  const period = r.NanoCpus > 0 ? CPU_PERIOD : r.CpuPeriod
  return {
    ...(r.CpuShares > 0 && { shares: r.CpuShares }),
    ...(quota !== 0 && { quota }),
    ...(period > 0 && { period }),
    ...(r.CpusetCpus && { cpus: r.CpusetCpus }),
    ...(r.CpusetMems && { mems: r.CpusetMems }),
  }
}

/** Every path whose device numbers `blockDevices` must have. */
export function throttledPaths(r: Resources): string[] {
  const lists: ({ Path: string }[] | null)[] = [
    r.BlkioWeightDevice,
    r.BlkioDeviceReadBps,
    r.BlkioDeviceWriteBps,
    r.BlkioDeviceReadIOps,
    r.BlkioDeviceWriteIOps,
  ]
  return [...new Set(lists.flatMap((list) => (list ?? []).map(({ Path }) => Path)))]
}

/**
 * The limits alone, which `docker update` changes too. 0 leaves a limit as it is; for the number of processes 0 means
 * no limit, and null leaves it.
 */
export function specLimits(r: Resources, numbers: Numbers): OciResources {
  const io = blockIo(r, numbers)
  const pids = r.PidsLimit ?? undefined
  return {
    memory: {
      ...(r.Memory > 0 && { limit: r.Memory }),
      ...(r.MemorySwap !== 0 && { swap: r.MemorySwap }),
      ...(r.MemoryReservation > 0 && { reservation: r.MemoryReservation }),
    },
    cpu: cpu(r),
    ...(pids !== undefined && { pids: { limit: pids > 0 ? pids : -1 } }),
    ...(io && { blockIO: io }),
  }
}

const rule = (type: 'c' | 'b', access: string, major?: number, minor?: number): OciDeviceRule => ({
  allow: true,
  type,
  ...(major !== undefined && { major }),
  ...(minor !== undefined && { minor }),
  access,
})

/**
 * The devices that each container may use (moby, oci/devices_linux.go): null, zero, full, random, urandom, tty,
 * console, ptmx, pts, and mknod of any device.
 */
const DEFAULT_RULES: readonly OciDeviceRule[] = [
  { allow: false, access: 'rwm' },
  rule('c', 'rwm', 1, 5),
  rule('c', 'rwm', 1, 3),
  rule('c', 'rwm', 1, 9),
  rule('c', 'rwm', 1, 8),
  rule('c', 'rwm', 1, 7),
  rule('c', 'rwm', 5, 0),
  rule('c', 'rwm', 5, 1),
  rule('c', 'rwm', 5, 2),
  rule('c', 'rwm', 136),
  rule('c', 'm'),
  rule('b', 'm'),
]

const CGROUP_RULE = /^([acb]) (\d+|\*):(\d+|\*) ([rwm]{1,3})$/

function parseDeviceRule(text: string): OciDeviceRule {
  const match = CGROUP_RULE.exec(text)
  if (!match) throw new EngineError('invalid', `invalid device cgroup rule format: '${text}'`)
  const number = (value: string) => (value === '*' ? undefined : Number(value))
  return {
    allow: true,
    type: match[1] as 'a' | 'b' | 'c',
    major: number(match[2]!),
    minor: number(match[3]!),
    access: match[4],
  }
}

/** Most containers have the same rules, and so the same list. */
export function deviceRules(config: HostConfig, devices: SpecInput['devices']): readonly OciDeviceRule[] {
  if (config.Privileged) return [{ allow: true, access: 'rwm' }]
  if (devices.length === 0 && !config.DeviceCgroupRules?.length) return DEFAULT_RULES
  return [
    ...DEFAULT_RULES,
    ...devices.map(({ type, major, minor, access }) => rule(type, access, major, minor)),
    ...(config.DeviceCgroupRules ?? []).map(parseDeviceRule),
  ]
}
