/** `GET /containers/{id}/stats` out of the container's cgroup (cgroup-v2.rst). */
import { ifKnown } from '../../../protocol/errors.ts'
import type { BlkioEntry, ContainerStats, CpuStats, NetworkStats } from '../../../protocol/api/engine-api.ts'
import { formatTime, ZERO_TIME } from '../../host/clock.ts'
import type { Container } from '../state/container.ts'
import type { EngineContext } from '../state/context.ts'
import { cgroupOf } from '../state/cgroup.ts'

/** USER_HZ of the kernel's ABI. */
const TICKS_PER_SECOND = 100
const INTERVAL = 1000

/** Docker answers the largest u64 for no limit; this is the largest double below it, which Go's clients can read. */
const UNLIMITED_PIDS = 2 ** 64 - 2048

/** Parses lines of `name value`, as cpu.stat and memory.stat have. */
export function parseKeyed(text: string): Record<string, number> {
  const values: Record<string, number> = {}
  for (const line of text.split('\n')) {
    const at = line.indexOf(' ')
    if (at > 0) values[line.slice(0, at)] = Number(line.slice(at + 1))
  }
  return values
}

/** Parses io.stat, whose lines are `8:0 rbytes=1 wbytes=2 …`. */
export function parseIo(text: string): { bytes: BlkioEntry[]; operations: BlkioEntry[] } {
  const bytes: BlkioEntry[] = []
  const operations: BlkioEntry[] = []
  for (const line of text.split('\n')) {
    const match = /^(\d+):(\d+) (.*)$/.exec(line)
    if (!match) continue
    const [major, minor] = [Number(match[1]), Number(match[2])]
    const values = Object.fromEntries(match[3]!.split(' ').map((pair) => pair.split('=')))
    const add = (list: BlkioEntry[], op: string, value: string | undefined) =>
      value !== undefined && list.push({ major, minor, op, value: Number(value) })
    add(bytes, 'read', values['rbytes'])
    add(bytes, 'write', values['wbytes'])
    add(operations, 'read', values['rios'])
    add(operations, 'write', values['wios'])
  }
  return { bytes, operations }
}

/** Parses /proc/<pid>/net/dev: every interface but the loopback. */
export function parseNetDev(text: string): Record<string, NetworkStats> {
  const networks: Record<string, NetworkStats> = {}
  for (const line of text.split('\n').slice(2)) {
    const at = line.indexOf(':')
    const name = line.slice(0, at).trim()
    if (at < 0 || name === 'lo') continue
    const n = line
      .slice(at + 1)
      .trim()
      .split(/\s+/)
      .map(Number)
    networks[name] = {
      rx_bytes: n[0]!,
      rx_packets: n[1]!,
      rx_errors: n[2]!,
      rx_dropped: n[3]!,
      tx_bytes: n[8]!,
      tx_packets: n[9]!,
      tx_errors: n[10]!,
      tx_dropped: n[11]!,
    }
  }
  return networks
}

/**
 * Nanoseconds that all CPUs have spent, idle time included: the sum of the first line of /proc/stat, as Docker computes
 * it.
 */
export function parseSystemCpu(text: string): number {
  const fields = text.slice(0, text.indexOf('\n')).trim().split(/\s+/).slice(1, 8).map(Number)
  return (fields.reduce((sum, ticks) => sum + ticks, 0) * 1e9) / TICKS_PER_SECOND
}

const NO_CPU: CpuStats = {
  cpu_usage: { total_usage: 0, usage_in_kernelmode: 0, usage_in_usermode: 0 },
  throttling_data: { periods: 0, throttled_periods: 0, throttled_time: 0 },
}

function cpuStats(context: EngineContext, stat: Record<string, number>, procStat: string): CpuStats {
  return {
    cpu_usage: {
      total_usage: (stat['usage_usec'] ?? 0) * 1000,
      usage_in_kernelmode: (stat['system_usec'] ?? 0) * 1000,
      usage_in_usermode: (stat['user_usec'] ?? 0) * 1000,
    },
    system_cpu_usage: parseSystemCpu(procStat),
    online_cpus: context.facts.cpus,
    throttling_data: {
      periods: stat['nr_periods'] ?? 0,
      throttled_periods: stat['nr_throttled'] ?? 0,
      throttled_time: (stat['throttled_usec'] ?? 0) * 1000,
    },
  }
}

const NO_IO = {
  io_queue_recursive: null,
  io_service_time_recursive: null,
  io_wait_time_recursive: null,
  io_merged_recursive: null,
  io_time_recursive: null,
  sectors_recursive: null,
}

/** Docker's answer for a container without a process. */
function noStats({ id, record }: Container): ContainerStats {
  return {
    id,
    name: record.name,
    read: ZERO_TIME,
    preread: ZERO_TIME,
    num_procs: 0,
    pids_stats: {},
    cpu_stats: NO_CPU,
    precpu_stats: NO_CPU,
    memory_stats: {},
    blkio_stats: { io_service_bytes_recursive: null, io_serviced_recursive: null, ...NO_IO },
    storage_stats: {},
  }
}

const numberOrMax = (text: string, max: number) => (text.startsWith('max') ? max : Number(text))

/** Takes one sample; `previous` becomes its `pre` fields. */
export async function sampleStats(
  context: EngineContext,
  container: Container,
  previous?: ContainerStats,
): Promise<ContainerStats> {
  if (!container.task) return noStats(container)
  const directory = cgroupOf(context, container)
  // The files of a controller that the kernel lacks do not exist, nor do those of a container that has just ended.
  const read = async (path: string) => (await ifKnown(context.files.readText(path))) ?? ''
  const cgroup = (name: string) => read(`${directory}/${name}`)
  const io = parseIo(await cgroup('io.stat'))
  const pidsLimit = (await cgroup('pids.max')) || 'max'
  const memoryLimit = numberOrMax((await cgroup('memory.max')) || 'max', context.facts.memory)
  const networks = parseNetDev(await read(`/proc/${container.record.state.pid}/net/dev`))
  return {
    id: container.id,
    name: container.record.name,
    read: formatTime(context.clock.now()),
    preread: previous?.read ?? ZERO_TIME,
    num_procs: 0,
    pids_stats: {
      current: Number(await cgroup('pids.current')),
      limit: numberOrMax(pidsLimit, UNLIMITED_PIDS),
    },
    cpu_stats: cpuStats(context, parseKeyed(await cgroup('cpu.stat')), await read('/proc/stat')),
    precpu_stats: previous?.cpu_stats ?? NO_CPU,
    memory_stats: {
      usage: Number(await cgroup('memory.current')),
      stats: parseKeyed(await cgroup('memory.stat')),
      limit: Math.min(memoryLimit, context.facts.memory),
      failcnt: parseKeyed(await cgroup('memory.events'))['oom'] ?? 0,
    },
    blkio_stats: { io_service_bytes_recursive: io.bytes, io_serviced_recursive: io.operations, ...NO_IO },
    storage_stats: {},
    ...(Object.keys(networks).length > 0 && { networks }),
  }
}

/** Yields a sample a second, until the container is removed or the client leaves. */
export async function* streamStats(
  context: EngineContext,
  container: Container,
  signal?: AbortSignal,
): AsyncGenerator<ContainerStats> {
  let previous: ContainerStats | undefined
  while (!signal?.aborted && context.containers.byId(container.id)) {
    previous = await sampleStats(context, container, previous)
    yield previous
    await pause(context, signal)
  }
}

function pause({ clock }: EngineContext, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      cancel()
      signal?.removeEventListener('abort', end)
      resolve()
    }
    const cancel = clock.after(INTERVAL, end)
    signal?.addEventListener('abort', end)
    if (signal?.aborted) end()
  })
}

/** Takes two samples a second apart, for `stream=false`; with `one-shot` a single one. */
export async function statsOnce(
  context: EngineContext,
  container: Container,
  oneShot: boolean,
): Promise<ContainerStats> {
  const first = await sampleStats(context, container)
  if (oneShot || !container.task) return first
  await pause(context)
  return sampleStats(context, container, first)
}
