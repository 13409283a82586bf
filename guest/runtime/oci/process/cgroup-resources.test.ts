import { expect, test } from 'vitest'
import { cgroupFiles, cpuWeight } from './cgroup-resources.ts'

test.each([
  [2, 1],
  [1024, 39],
  [262144, 10000],
  [1, 1],
])('%i shares are weight %i, as runC has it', (shares, weight) => expect(cpuWeight(shares)).toBe(weight))

test('docker run --memory 32m --memory-swap 64m --cpus 0.2 --pids-limit 10 --cpuset-cpus 0', () => {
  const files = cgroupFiles({
    memory: { limit: 33554432, swap: 67108864 },
    cpu: { quota: 20000, period: 100000, cpus: '0' },
    pids: { limit: 10 },
  })
  expect(files).toEqual([
    { file: 'cpuset.cpus', value: '0' },
    { file: 'cpu.max', value: '20000 100000' },
    { file: 'memory.swap.max', value: '33554432' },
    { file: 'memory.max', value: '33554432' },
    { file: 'pids.max', value: '10' },
  ])
})

test('unlimited is max', () => {
  const files = cgroupFiles({
    memory: { limit: -1, swap: -1 },
    cpu: { quota: -1, period: 50000 },
    pids: { limit: -1 },
  })
  expect(files.map(({ value }) => value)).toEqual(['max 50000', 'max', 'max', 'max'])
})

test('io throttles are keys of one file', () => {
  const device = { major: 8, minor: 0 }
  const files = cgroupFiles({
    blockIO: {
      weight: 500,
      throttleReadBpsDevice: [{ ...device, rate: 1048576 }],
      throttleWriteIOPSDevice: [{ ...device, rate: 100 }],
    },
  })
  expect(files).toEqual([
    { file: 'io.weight', value: 'default 4950' },
    { file: 'io.max', value: '8:0 rbps=1048576' },
    { file: 'io.max', value: '8:0 wiops=100' },
  ])
})

test.each([
  [{ memory: { swap: 1 } }, /needs a memory limit/],
  [{ memory: { limit: 10, swap: 5 } }, /must not be less/],
  [{ unified: { '../../evil': '1' } }, /not the name of a cgroup file/],
])('%j is refused', (resources, message) => expect(() => cgroupFiles(resources)).toThrow(message))
