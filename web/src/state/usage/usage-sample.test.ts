import { describe, expect, test } from 'vitest'
import type { ContainerStats } from '../../../../guest/protocol/api/engine-api.ts'
import { usageSample } from './usage-sample.ts'

function stats(second: number, usage: number, throttled = 0, rx = 0, pidsLimit?: number): ContainerStats {
  const cpu = {
    cpu_usage: { total_usage: usage, usage_in_kernelmode: 0, usage_in_usermode: usage },
    throttling_data: { periods: 0, throttled_periods: throttled, throttled_time: 0 },
  }
  return {
    read: new Date(Date.UTC(2026, 0, 1, 0, 0, second)).toISOString(),
    cpu_stats: cpu,
    memory_stats: { usage: 1000, limit: 4000 },
    pids_stats: { current: 3, limit: pidsLimit },
    networks: { eth0: { rx_bytes: rx, tx_bytes: 0 } },
  } as unknown as ContainerStats
}

describe('a sample', () => {
  test('has no rates without a reading before it', () => {
    expect(usageSample(stats(1, 5e9))).toMatchObject({
      memory: 1000,
      memoryLimit: 4000,
      cpu: 0,
      pids: 3,
      rx: 0,
    })
  })

  test('half a second of processor in a second is 50 %', () => {
    expect(usageSample(stats(2, 1.5e9), stats(1, 1e9)).cpu).toBeCloseTo(50)
  })

  test('rates are per second whatever the distance', () => {
    expect(usageSample(stats(5, 3e9, 7, 4096), stats(1, 1e9, 3, 0))).toMatchObject({
      cpu: 50,
      rx: 1024,
      throttled: 4,
    })
  })

  test('counters that began anew (a restart) give 0, not a negative rate', () => {
    expect(usageSample(stats(2, 1e6, 0, 0), stats(1, 9e9, 5, 900))).toMatchObject({
      cpu: 0,
      throttled: 0,
      rx: 0,
    })
  })

  test.each([
    [10, 10],
    [0, undefined],
    [undefined, undefined],
    [Number.MAX_VALUE, undefined],
  ])('a process limit of %s is shown as %s', (limit, shown) => {
    expect(usageSample(stats(1, 0, 0, 0, limit)).pidsLimit).toBe(shown)
  })
})
