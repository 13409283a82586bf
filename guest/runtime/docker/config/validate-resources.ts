/** Checks resource limits in dockerd's words (daemon_unix.go, verifyPlatformContainerResources). */
import type { Resources } from '../../../protocol/api/engine-api.ts'
import { EngineError } from '../../../protocol/errors.ts'
import type { HostFacts } from '../state/host-facts.ts'

const invalid = (message: string) => new EngineError('invalid', message)

/** Docker's linuxMinMemory: below this the container's own set-up would be killed. */
const MINIMUM_MEMORY = 6 * 1024 * 1024

/** Reads `0-2,7` into numbers; undefined for a text that is no such list. */
export function parseCpuList(list: string): Set<number> | undefined {
  const members = new Set<number>()
  for (const part of list.split(',')) {
    const match = /^(\d+)(?:-(\d+))?$/.exec(part.trim())
    if (!match) return undefined
    const [first, last] = [Number(match[1]), Number(match[2] ?? match[1])]
    if (last < first || last > 8192) return undefined
    for (let member = first; member <= last; member++) members.add(member)
  }
  return members
}

function validateMemory(r: Resources, update: boolean): void {
  if (r.Memory !== 0 && r.Memory < MINIMUM_MEMORY) throw invalid('Minimum memory limit allowed is 6MB')
  if (r.Memory > 0 && r.MemorySwap > 0 && r.MemorySwap < r.Memory)
    throw invalid('Minimum memoryswap limit should be larger than memory limit, see usage')
  if (r.Memory === 0 && r.MemorySwap > 0 && !update)
    throw invalid('You should always set the Memory limit when using Memoryswap limit, see usage')
  const swappiness = r.MemorySwappiness ?? -1
  if (swappiness !== -1 && (swappiness < 0 || swappiness > 100))
    throw invalid(`Invalid value: ${swappiness}, valid memory swappiness range is 0-100`)
  if (r.MemoryReservation > 0 && r.MemoryReservation < MINIMUM_MEMORY)
    throw invalid('Minimum memory reservation allowed is 6MB')
  if (r.Memory > 0 && r.MemoryReservation > 0 && r.Memory < r.MemoryReservation)
    throw invalid('Minimum memory limit can not be less than memory reservation limit, see usage')
}

function validateCpu(r: Resources, facts: HostFacts): void {
  if (r.NanoCpus > 0 && r.CpuPeriod > 0)
    throw invalid('Conflicting options: Nano CPUs and CPU Period cannot both be set')
  if (r.NanoCpus > 0 && r.CpuQuota > 0)
    throw invalid('Conflicting options: Nano CPUs and CPU Quota cannot both be set')
  if (r.NanoCpus < 0 || r.NanoCpus > facts.cpus * 1e9)
    throw invalid(
      `range of CPUs is from 0.01 to ${facts.cpus}.00, as there are only ${facts.cpus} CPUs available`,
    )
  if (r.CpuShares < 0) throw invalid(`invalid CPU shares (${r.CpuShares}): value must be a positive integer`)
  if (r.CpuPeriod !== 0 && (r.CpuPeriod < 1000 || r.CpuPeriod > 1_000_000))
    throw invalid('CPU cfs period can not be less than 1ms (i.e. 1000) or larger than 1s (i.e. 1000000)')
  if (r.CpuQuota > 0 && r.CpuQuota < 1000) throw invalid('CPU cfs quota can not be less than 1ms (i.e. 1000)')
}

function validateSets(r: Resources, facts: HostFacts): void {
  const check = (value: string, kind: 'cpus' | 'mems', available: string, noun: string) => {
    if (value === '') return
    const wanted = parseCpuList(value)
    if (!wanted) throw invalid(`Invalid value ${value} for cpuset ${kind}`)
    const present = parseCpuList(available) ?? new Set()
    if ([...wanted].some((member) => !present.has(member)))
      throw invalid(`Requested ${noun} are not available - requested ${value}, available: ${available}`)
  }
  check(r.CpusetCpus, 'cpus', facts.cpuset, 'CPUs')
  check(r.CpusetMems, 'mems', '0', 'memory nodes')
}

/**
 * Checks limits, and drops from `resources` those for which the kernel has no controller, as dockerd does.
 * @returns warnings
 */
export function validateResources(resources: Resources, facts: HostFacts, update = false): string[] {
  const warnings: string[] = []
  const lacks = (controller: string) => !facts.controllers.includes(controller)
  const discard = (controller: string, what: string, outcome: string, ...fields: (keyof Resources)[]) => {
    const set = fields.some(
      (field) => Number(resources[field]) > 0 || (resources[field] as string)?.length > 0,
    )
    if (!lacks(controller) || !set) return
    warnings.push(`Your kernel does not support ${what} or the cgroup is not mounted. ${outcome} discarded.`)
    const blank = { CpusetCpus: '', CpusetMems: '', PidsLimit: null }
    for (const field of fields)
      Object.assign(resources, { [field]: field in blank ? blank[field as never] : 0 })
  }
  validateMemory(resources, update)
  validateCpu(resources, facts)
  discard('memory', 'memory limit capabilities', 'Limitation', 'Memory', 'MemorySwap', 'MemoryReservation')
  discard('pids', 'PIDs limit capabilities', 'PIDs limit', 'PidsLimit')
  discard('cpuset', 'cpuset', 'Cpuset', 'CpusetCpus', 'CpusetMems')
  validateSets(resources, facts)
  if (resources.OomKillDisable)
    warnings.push('Your kernel does not support OomKillDisable. OomKillDisable discarded.')
  resources.OomKillDisable = null
  const swappiness = resources.MemorySwappiness ?? -1
  if (swappiness >= 0)
    warnings.push(
      'Your kernel does not support memory swappiness capabilities or the cgroup is not mounted. Memory swappiness discarded.',
    )
  if (resources.BlkioWeight > 0 && (resources.BlkioWeight < 10 || resources.BlkioWeight > 1000))
    throw invalid('Range of blkio weight is from 10 to 1000')
  return warnings
}
