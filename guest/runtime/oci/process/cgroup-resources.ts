/**
 * OCI resources (named after cgroup v1) → files of cgroup v2 in the order in which they must be written.
 * Conversions as in runC's libcontainer/cgroups and crun's documentation (crun.1, "cgroup v2").
 */
import { EngineError } from '../../../protocol/errors.ts'
import type { OciResources, OciThrottle } from '../spec.ts'

export interface CgroupFile {
  file: string
  value: string
}

export function cgroupFiles(resources: OciResources): CgroupFile[] {
  return [
    ...cpuFiles(resources.cpu),
    ...memoryFiles(resources.memory),
    ...pidsFiles(resources.pids),
    ...ioFiles(resources.blockIO),
    ...Object.entries(resources.unified ?? {}).map(unifiedFile),
  ]
}

/** shares [2, 262144] → weight [1, 10000], linear. */
export const cpuWeight = (shares: number): number =>
  Math.floor(1 + ((Math.min(Math.max(shares, 2), 262144) - 2) * 9999) / 262142)

/** Block IO weight [10, 1000] → io.weight [1, 10000], linear. */
export const ioWeight = (weight: number): number => Math.floor(1 + ((weight - 10) * 9999) / 990)

const unlimited = (value: number): string => (value < 0 ? 'max' : String(value))

function cpuFiles(cpu: OciResources['cpu']): CgroupFile[] {
  if (cpu === undefined) return []
  const files: CgroupFile[] = []
  if (cpu.cpus) files.push({ file: 'cpuset.cpus', value: cpu.cpus })
  if (cpu.mems) files.push({ file: 'cpuset.mems', value: cpu.mems })
  if (cpu.idle !== undefined) files.push({ file: 'cpu.idle', value: String(cpu.idle) })
  if (cpu.shares) files.push({ file: 'cpu.weight', value: String(cpuWeight(cpu.shares)) })
  if (cpu.quota || cpu.period) {
    const quota = cpu.quota !== undefined && cpu.quota > 0 ? String(cpu.quota) : 'max'
    files.push({ file: 'cpu.max', value: `${quota} ${cpu.period || 100000}` })
  }
  if (cpu.burst !== undefined) files.push({ file: 'cpu.max.burst', value: String(cpu.burst) })
  return files
}

function memoryFiles(memory: OciResources['memory']): CgroupFile[] {
  if (memory === undefined) return []
  const { limit, swap, reservation } = memory
  const files: CgroupFile[] = []
  const swapValue = swapLimit(limit, swap)
  if (swapValue !== undefined) files.push({ file: 'memory.swap.max', value: swapValue })
  if (limit) files.push({ file: 'memory.max', value: unlimited(limit) })
  if (reservation) files.push({ file: 'memory.low', value: unlimited(reservation) })
  return files
}

/** v1 counts memory plus swap, v2 swap alone. */
function swapLimit(limit: number | undefined, swap: number | undefined): string | undefined {
  if (swap === undefined || swap === 0) return undefined
  if (swap < 0) return 'max'
  if (limit === undefined || limit <= 0) {
    throw new EngineError('invalid', 'memory: a swap limit needs a memory limit', { swap })
  }
  if (swap < limit) {
    throw new EngineError('invalid', 'memory: memory plus swap must not be less than memory', { swap, limit })
  }
  return String(swap - limit)
}

function pidsFiles(pids: OciResources['pids']): CgroupFile[] {
  if (pids === undefined || pids.limit === 0) return []
  return [{ file: 'pids.max', value: unlimited(pids.limit) }]
}

function ioFiles(io: OciResources['blockIO']): CgroupFile[] {
  if (io === undefined) return []
  const files: CgroupFile[] = []
  if (io.weight) files.push({ file: 'io.weight', value: `default ${ioWeight(io.weight)}` })
  for (const { major, minor, weight } of io.weightDevice ?? []) {
    if (weight) files.push({ file: 'io.weight', value: `${major}:${minor} ${ioWeight(weight)}` })
  }
  const throttle = (list: OciThrottle[] | undefined, key: string): CgroupFile[] =>
    (list ?? []).map(({ major, minor, rate }) => ({
      file: 'io.max',
      value: `${major}:${minor} ${key}=${rate === 0 ? 'max' : rate}`,
    }))
  return [
    ...files,
    ...throttle(io.throttleReadBpsDevice, 'rbps'),
    ...throttle(io.throttleWriteBpsDevice, 'wbps'),
    ...throttle(io.throttleReadIOPSDevice, 'riops'),
    ...throttle(io.throttleWriteIOPSDevice, 'wiops'),
  ]
}

function unifiedFile([file, value]: [string, string]): CgroupFile {
  if (!/^[a-z0-9_]+\.[a-zA-Z0-9_.]+$/.test(file)) {
    throw new EngineError('invalid', `unified resource "${file}" is not the name of a cgroup file`, { file })
  }
  return { file, value }
}
