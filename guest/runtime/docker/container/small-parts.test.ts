import { describe, expect, it } from 'vitest'
import { deferred } from '../../../protocol/wire/deferred.ts'
import { streamPair } from '../api/stream-pair.ts'
import { formatTime, parseTime } from '../../host/clock.ts'
import { FakeProcess } from '../../testing/launcher-fake.ts'
import { afterProbe } from '../health/health-monitor.ts'
import { parseSignal } from '../../task/signals.ts'
import { parseIo, parseNetDev, parseSystemCpu } from '../inspect/container-stats.ts'
import { validateResources } from '../config/validate-resources.ts'
import { defaultResources } from '../config/host-config-defaults.ts'
import { FACTS } from '../../testing/test-engine.ts'
import { pipeAttachment } from '../../task/pipe-attachment.ts'

const bytes = (text: string) => new TextEncoder().encode(text)

describe('times', () => {
  it('survive their text to the nanosecond', () => {
    for (const time of [0n, 1n, 1_700_000_000_123_456_789n, 1_700_000_000_100_000_000n])
      expect(parseTime(formatTime(time))).toBe(time)
    expect(formatTime(1_700_000_000_100_000_000n)).toBe('2023-11-14T22:13:20.1Z')
    expect(parseTime('2023-11-14T23:13:20+01:00')).toBe(1_700_000_000_000_000_000n)
    expect(parseTime('yesterday')).toBeUndefined()
  })
})

describe('signals', () => {
  it.each([
    ['KILL', 9],
    ['SIGTERM', 15],
    ['sigusr1', 10],
    ['15', 15],
    ['RTMIN+3', 37],
  ])('%s is %i', (text, number) => expect(parseSignal(text)).toBe(number))

  it('that do not exist are refused in Docker’s words', () => {
    for (const text of ['SIGNOPE', '0', '65', ''])
      expect(() => parseSignal(text)).toThrow(`invalid signal: ${text}`)
  })
})

describe('limits', () => {
  const check = (changes: object) => () => validateResources({ ...defaultResources(), ...changes }, FACTS)

  it.each([
    [{ Memory: 1000 }, 'Minimum memory limit allowed is 6MB'],
    [
      { Memory: 64 << 20, MemorySwap: 32 << 20 },
      'Minimum memoryswap limit should be larger than memory limit, see usage',
    ],
    [
      { MemorySwap: 32 << 20 },
      'You should always set the Memory limit when using Memoryswap limit, see usage',
    ],
    [{ NanoCpus: 2e9 }, 'range of CPUs is from 0.01 to 1.00, as there are only 1 CPUs available'],
    [{ NanoCpus: 1e8, CpuQuota: 1000 }, 'Conflicting options: Nano CPUs and CPU Quota cannot both be set'],
    [{ CpusetCpus: '0-1' }, 'Requested CPUs are not available - requested 0-1, available: 0'],
    [{ CpusetCpus: 'x' }, 'Invalid value x for cpuset cpus'],
  ])('%o: %s', (changes, message) => expect(check(changes)).toThrow(message))

  it('without a controller are discarded with a warning', () => {
    const resources = { ...defaultResources(), PidsLimit: 10 }
    const warnings = validateResources(resources, { ...FACTS, controllers: ['memory'] })
    expect(warnings).toEqual([
      'Your kernel does not support PIDs limit capabilities or the cgroup is not mounted. PIDs limit discarded.',
    ])
    expect(resources.PidsLimit).toBeNull()
  })
})

describe('health', () => {
  const check = { Retries: 2, StartPeriod: 1000 }
  const result = (ExitCode: number) => ({ Start: '', End: '', ExitCode, Output: '' })
  const starting = { Status: 'starting', FailingStreak: 0, Log: null } as const

  it('does not count failures while the container starts up', () => {
    expect(afterProbe(starting, check, result(1), 999)).toMatchObject({
      Status: 'starting',
      FailingStreak: 0,
    })
    expect(afterProbe(starting, check, result(1), 1000)).toMatchObject({
      Status: 'starting',
      FailingStreak: 1,
    })
  })

  it('turns after as many failures as allowed, and back at the first success', () => {
    const once = afterProbe({ Status: 'healthy', FailingStreak: 0, Log: [] }, check, result(1), 9999)
    expect(once.Status).toBe('healthy')
    const twice = afterProbe(once, check, result(1), 9999)
    expect(twice).toMatchObject({ Status: 'unhealthy', FailingStreak: 2 })
    expect(afterProbe(twice, check, result(0), 9999)).toMatchObject({ Status: 'healthy', FailingStreak: 0 })
  })
})

describe('statistics', () => {
  it('are read from the kernel’s files', () => {
    expect(parseIo('8:0 rbytes=1 wbytes=2 rios=3 wios=4\n').bytes).toEqual([
      { major: 8, minor: 0, op: 'read', value: 1 },
      { major: 8, minor: 0, op: 'write', value: 2 },
    ])
    const dev =
      'Inter-|\n face |\n  lo: 9 9 0 0 0 0 0 0 9 9 0 0 0 0 0 0\neth0:1 2 3 4 0 0 0 0 5 6 7 8 0 0 0 0\n'
    expect(parseNetDev(dev)).toEqual({
      eth0: {
        ...{ rx_bytes: 1, rx_packets: 2, rx_errors: 3, rx_dropped: 4 },
        ...{ tx_bytes: 5, tx_packets: 6, tx_errors: 7, tx_dropped: 8 },
      },
    })
    expect(parseSystemCpu('cpu  1 2 3 4 5 6 7 8 9\ncpu0 …')).toBe(28 * 1e7)
  })
})

describe('an attachment', () => {
  const plan = { id: 'p', shim: [], init: [], socketPath: '', exitPath: '' }
  const io = { terminal: false, stdin: true, stdinOnce: true, holdOutput: true }
  const options = { stdin: true, stdout: true, stderr: false, multiplex: true, closeStdin: true }

  async function attached(ended?: Promise<unknown>) {
    const { FakeLauncherClient } = await import('../../testing/launcher-fake.ts')
    const client = new FakeLauncherClient()
    const shim = await client.launch({ ...plan, io })
    const [near, far] = streamPair()
    const process: FakeProcess = client.machine.process('p')
    const end = pipeAttachment(far, await shim.attach({ stdin: true }), { ...options, ended })
    return { near, process, end }
  }

  it('carries frames out, bytes in, and both ends', async () => {
    const { near, process, end } = await attached()
    process.print('hi')
    process.print('unwanted', 'stderr')
    expect(await near.read()).toEqual(Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 2, 104, 105))
    await near.write(bytes('typed'))
    await near.end()
    await expect.poll(() => process.inputEnded).toBe(true)
    expect(process.input.map((chunk) => new TextDecoder().decode(chunk))).toEqual(['typed'])
    process.end()
    expect([await near.read(), await end]).toEqual([null, 'finished'])
  })

  it('ends the client’s stream only when the exit is known', async () => {
    const order: string[] = []
    const exit = deferred<number>()
    const { near, process, end } = await attached(exit.promise)
    const read = near.read().then((chunk) => order.push(`read ${chunk}`))
    process.end()
    // The end of the output has passed through the attachment before the exit is recorded.
    await new Promise((resolve) => setImmediate(resolve))
    order.push('exit')
    exit.resolve(4)
    await Promise.all([read, end])
    expect(order).toEqual(['exit', 'read null'])
  })

  it('is over when the client leaves, and the process goes on', async () => {
    const { near, process, end } = await attached()
    near.reset('the tab was closed')
    expect(await end).toBe('detached')
    expect([process.state, process.attachments.size]).toEqual(['running', 0])
  })
})
