import type { ContainerStats } from '../../../../guest/protocol/api/engine-api.ts'

/** One reading of a container's cgroup, with rates since the reading before. */
export interface UsageSample {
  /** Milliseconds since the epoch, on the guest's clock. */
  time: number
  /** Bytes of memory.current and memory.max (of the machine's memory when there is no limit). */
  memory: number
  memoryLimit: number
  /** Percent of one CPU. */
  cpu: number
  pids: number
  pidsLimit?: number
  /** Periods since the reading before in which the CPU limit stopped the container. */
  throttled: number
  /** Bytes a second. */
  rx: number
  tx: number
}

/** Computes a sample for cgroup v2 with Docker's formulas (docker stats); rates are 0 without a reading before. */
export function usageSample(stats: ContainerStats, previous?: ContainerStats): UsageSample {
  const time = Date.parse(stats.read)
  const seconds = previous ? (time - Date.parse(previous.read)) / 1000 : 0
  const rate = (now: number, before: number) => (seconds > 0 ? Math.max(0, now - before) / seconds : 0)
  const before = previous ?? stats
  return {
    time,
    memory: stats.memory_stats.usage ?? 0,
    memoryLimit: stats.memory_stats.limit ?? 0,
    cpu: rate(stats.cpu_stats.cpu_usage.total_usage, before.cpu_stats.cpu_usage.total_usage) / 1e7,
    pids: stats.pids_stats.current ?? 0,
    ...(isLimit(stats.pids_stats.limit) && { pidsLimit: stats.pids_stats.limit }),
    throttled: Math.max(
      0,
      stats.cpu_stats.throttling_data.throttled_periods - before.cpu_stats.throttling_data.throttled_periods,
    ),
    rx: rate(networkTotal(stats, 'rx_bytes'), networkTotal(before, 'rx_bytes')),
    tx: rate(networkTotal(stats, 'tx_bytes'), networkTotal(before, 'tx_bytes')),
  }
}

/** `pids.max` is `max` without a limit: Docker's clients get 0 or the largest integer for it. */
function isLimit(limit: number | undefined): limit is number {
  return limit !== undefined && limit > 0 && limit < Number.MAX_SAFE_INTEGER
}

function networkTotal({ networks }: ContainerStats, field: 'rx_bytes' | 'tx_bytes'): number {
  return Object.values(networks ?? {}).reduce((sum, network) => sum + network[field], 0)
}
