/** The columns of `docker stats`, and how two samples give their values. */
import type { ContainerStats } from '../../../../protocol/api/engine-api.ts'
import type { RowType } from '../../shared/format/formatter.ts'
import { truncateId } from '../../shared/format/ids.ts'
import { bytesSize, humanSize } from '../../shared/format/sizes.ts'

/** `stats` is absent before the first measurement, and when there is nothing to measure. */
export interface StatsEntry {
  /** The name given on the command line. */
  container: string
  stats?: ContainerStats
}

export const STATS_TABLE =
  'table {{.ID}}\t{{.Name}}\t{{.CPUPerc}}\t{{.MemUsage}}\t{{.MemPerc}}\t{{.NetIO}}\t{{.BlockIO}}\t{{.PIDs}}'

const NO_VALUE = '--'

/** Percent of one CPU: two busy CPUs are 200. */
export function cpuPercent({ cpu_stats: cpu, precpu_stats: before }: ContainerStats): number {
  const used = cpu.cpu_usage.total_usage - (before?.cpu_usage?.total_usage ?? 0)
  const elapsed = (cpu.system_cpu_usage ?? 0) - (before?.system_cpu_usage ?? 0)
  const cpus = cpu.online_cpus || (cpu.cpu_usage.percpu_usage?.length ?? 0)
  return used > 0 && elapsed > 0 ? (used / elapsed) * cpus * 100 : 0
}

/** Bytes in use, without the page cache that the kernel could drop at once. */
export function memoryUsed({ memory_stats: { usage = 0, stats = {} } }: ContainerStats): number {
  const cache = stats.total_inactive_file ?? stats.inactive_file ?? 0
  return cache < usage ? usage - cache : usage
}

function blockBytes({ blkio_stats: block }: ContainerStats, letter: 'r' | 'w'): number {
  return (block?.io_service_bytes_recursive ?? [])
    .filter(({ op }) => op.toLowerCase().startsWith(letter))
    .reduce((total, { value }) => total + value, 0)
}

function networkBytes({ networks }: ContainerStats, field: 'rx_bytes' | 'tx_bytes'): number {
  return Object.values(networks ?? {}).reduce((total, network) => total + network[field], 0)
}

const pair = (first: number, second: number): string => `${humanSize(first, 3)} / ${humanSize(second, 3)}`

/** Formats a value of the sample; dashes when there is none. */
const measured =
  (value: (stats: ContainerStats) => string, missing = NO_VALUE) =>
  ({ stats }: StatsEntry): string =>
    stats === undefined ? missing : value(stats)

const memoryLimit = ({ memory_stats: { limit = 0 } }: ContainerStats): number => limit

function memoryPercent(stats: ContainerStats): string {
  const limit = memoryLimit(stats)
  return `${(limit === 0 ? 0 : (memoryUsed(stats) / limit) * 100).toFixed(2)}%`
}

export function statsRow(truncate: boolean): RowType<StatsEntry> {
  return {
    goType: '*container.statsContext',
    columns: {
      Container: { header: 'CONTAINER', value: ({ container }) => container },
      Name: { header: 'NAME', value: measured(({ name }) => (name.length > 1 ? name.slice(1) : NO_VALUE)) },
      ID: {
        header: 'CONTAINER ID',
        value: ({ stats }) => (stats === undefined ? '' : truncate ? truncateId(stats.id) : stats.id),
      },
      CPUPerc: { header: 'CPU %', value: measured((stats) => `${cpuPercent(stats).toFixed(2)}%`) },
      MemUsage: {
        header: 'MEM USAGE / LIMIT',
        value: measured(
          (stats) => `${bytesSize(memoryUsed(stats))} / ${bytesSize(memoryLimit(stats))}`,
          '-- / --',
        ),
      },
      MemPerc: { header: 'MEM %', value: measured(memoryPercent) },
      NetIO: {
        header: 'NET I/O',
        value: measured((stats) => pair(networkBytes(stats, 'rx_bytes'), networkBytes(stats, 'tx_bytes'))),
      },
      BlockIO: {
        header: 'BLOCK I/O',
        value: measured((stats) => pair(blockBytes(stats, 'r'), blockBytes(stats, 'w'))),
      },
      PIDs: { header: 'PIDS', value: measured(({ pids_stats: pids }) => String(pids?.current ?? 0)) },
    },
  }
}
