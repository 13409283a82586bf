/** Engine API 1.51: `GET /containers/{id}/stats`. Counters are bytes, CPU times nanoseconds. */

export interface CpuStats {
  cpu_usage: {
    total_usage: number
    usage_in_kernelmode: number
    usage_in_usermode: number
    percpu_usage?: number[]
  }
  system_cpu_usage?: number
  online_cpus?: number
  throttling_data: { periods: number; throttled_periods: number; throttled_time: number }
}

export interface MemoryStats {
  usage?: number
  limit?: number
  /** memory.stat, in the kernel's names. */
  stats?: Record<string, number>
  failcnt?: number
}

export interface BlkioEntry {
  major: number
  minor: number
  op: string
  value: number
}

export interface BlkioStats {
  io_service_bytes_recursive: BlkioEntry[] | null
  io_serviced_recursive: BlkioEntry[] | null
  io_queue_recursive: null
  io_service_time_recursive: null
  io_wait_time_recursive: null
  io_merged_recursive: null
  io_time_recursive: null
  sectors_recursive: null
}

export interface NetworkStats {
  rx_bytes: number
  rx_packets: number
  rx_errors: number
  rx_dropped: number
  tx_bytes: number
  tx_packets: number
  tx_errors: number
  tx_dropped: number
}

export interface ContainerStats {
  id: string
  name: string
  read: string
  preread: string
  num_procs: number
  pids_stats: { current?: number; limit?: number }
  cpu_stats: CpuStats
  precpu_stats: CpuStats
  memory_stats: MemoryStats
  blkio_stats: BlkioStats
  storage_stats: Record<string, never>
  networks?: Record<string, NetworkStats>
}
