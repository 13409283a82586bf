import type Docker from 'dockerode'
import { describe, expect, test } from 'vitest'
import { refusal, type DockerBench } from '../../support/docker-bench.ts'

export function describeContainerMeasures(bench: DockerBench): void {
  describeLogs(bench)
  describeMeasures(bench)
}

function describeLogs(bench: DockerBench): void {
  const said = 'echo one; echo two >&2; echo three'

  describe('logs', () => {
    test('keep the two outputs apart', async () => {
      const { stdout, stderr } = await bench.logs(await bench.ended(said))
      expect([stdout, stderr]).toEqual(['one\nthree\n', 'two\n'])
    })

    const read = async (
      container: Docker.Container,
      options: Docker.ContainerLogsOptions,
    ): Promise<string> => {
      const { stdout, stderr } = await bench.demux(await container.logs({ ...options, follow: true }))
      return stdout + stderr
    }

    test.each([
      ['one output alone', { stderr: true }, 'two\n'],
      ['no lines', { stdout: true, stderr: true, tail: 0 }, ''],
      ['all since a time', { stdout: true, since: 1 }, 'one\nthree\n'],
      ['none until a time', { stdout: true, until: 1 }, ''],
    ])('give %s', async (_what, options, lines) => {
      expect(await read(await bench.ended(said), options)).toBe(lines)
    })

    test('give the last lines', async () => {
      const container = await bench.ended('echo one; echo two; echo three')
      expect(await read(container, { stdout: true, tail: 2 })).toBe('two\nthree\n')
    })

    // The order of two outputs is known when the second line is written after the first has been read.
    test('count the last lines of both outputs, whichever are shown', async () => {
      const container = await bench.start({
        Cmd: ['sh', '-c', 'echo one; read line; echo two >&2'],
        OpenStdin: true,
      })
      await bench.awaitLog(container, 'one')
      const stdin = await container.attach({ stream: true, stdin: true, hijack: true })
      stdin.write('go on\n')
      await container.wait()
      stdin.end()
      expect(await read(container, { stdout: true, tail: 1 })).toBe('')
      expect(await read(container, { stderr: true, tail: 1 })).toBe('two\n')
    })

    test('carry times when they are asked for', async () => {
      const text = await read(await bench.ended('echo hello'), { stdout: true, timestamps: true })
      // RFC3339Nano with all nine digits, as the order of lines shall be the order of texts.
      expect(text).toMatch(/^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z hello\n$/)
    })

    test('are one buffer when they are not followed', async () => {
      const container = await bench.ended('echo hello')
      const bytes = await container.logs({ stdout: true })
      expect(bytes).toEqual(Buffer.concat([Buffer.from([1, 0, 0, 0, 0, 0, 0, 6]), Buffer.from('hello\n')]))
    })

    test('are raw for a container with a terminal', async () => {
      const container = await bench.ended('echo hello', { Tty: true })
      expect((await container.logs({ stdout: true })).toString()).toBe('hello\r\n')
    })

    test('follow until the container ends', async () => {
      const container = await bench.start({
        Cmd: ['sh', '-c', 'echo begun; read line; echo "got $line"'],
        OpenStdin: true,
      })
      const following = bench.logs(container)
      const stdin = await container.attach({ stream: true, stdin: true, hijack: true })
      stdin.write('it\n')
      expect((await following).stdout).toBe('begun\ngot it\n')
      stdin.end()
    })

    test('need an output to be chosen', async () => {
      const container = await bench.create()
      expect(await refusal(container.logs({}))).toEqual([
        400,
        'Bad parameters: you must choose at least one stream',
      ])
    })

    test('cannot be read from the driver none', async () => {
      const container = await bench.ended('echo x', {
        HostConfig: { LogConfig: { Type: 'none', Config: {} } },
      })
      const [status, sentence] = await refusal(container.logs({ stdout: true }))
      expect([status, sentence]).toEqual([501, 'configured logging driver does not support reading'])
    })
  })
}

function describeMeasures(bench: DockerBench): void {
  describe('a running container shows', () => {
    test('its processes', async () => {
      const container = await bench.start({ Cmd: ['sleep', '1000000'] })
      const top = (await container.top()) as { Titles: string[]; Processes: string[][] }
      expect(top.Titles).toEqual(['UID', 'PID', 'PPID', 'C', 'STIME', 'TTY', 'TIME', 'CMD'])
      expect(top.Processes.map((row) => row.at(-1))).toEqual(['sleep 1000000'])
    })

    test('columns of its processes that are asked for', async () => {
      const container = await bench.start({ Cmd: ['sleep', '1000000'] })
      const top = (await container.top({ ps_args: '-o pid,comm' })) as {
        Titles: string[]
        Processes: string[][]
      }
      expect(top.Titles).toEqual(['PID', 'COMMAND'])
      expect(top.Processes[0]![1]).toBe('sleep')
    })

    test('what it uses, once', async () => {
      const container = await bench.start({ HostConfig: { Memory: 64 << 20, PidsLimit: 40 } })
      const stats = await container.stats({ stream: false })
      expect(stats.memory_stats.limit).toBe(64 << 20)
      expect(stats.memory_stats.usage).toBeGreaterThan(0)
      expect(stats.pids_stats).toMatchObject({ current: expect.any(Number), limit: 40 })
      expect(stats.pids_stats?.current).toBeGreaterThan(0)
      expect(stats.cpu_stats.cpu_usage.total_usage).toBeGreaterThan(0)
      expect(stats.networks['eth0']).toMatchObject({ rx_errors: 0, tx_errors: 0 })
      expect(stats).toMatchObject({ id: container.id })
    })

    test('what it uses without waiting for a second measure', async () => {
      const container = await bench.start()
      const { precpu_stats, cpu_stats } = await container.stats({ stream: false, 'one-shot': true })
      expect([precpu_stats.cpu_usage.total_usage, precpu_stats.system_cpu_usage]).toEqual([0, undefined])
      expect(cpu_stats.online_cpus).toBe(1)
    })

    test('what it uses again and again', async () => {
      const container = await bench.start()
      const stream = (await container.stats({ stream: true })) as NodeJS.ReadableStream & { destroy(): void }
      let text = ''
      for await (const chunk of stream) {
        text += chunk.toString()
        if (text.split('\n').length > 2) break
      }
      const [first, second] = text
        .split('\n')
        .map((line) => line && (JSON.parse(line) as { read: string }).read)
      expect(first! < second!).toBe(true)
    })

    test('its addresses', async () => {
      const { NetworkSettings } = await (await bench.start()).inspect()
      const { bridge } = NetworkSettings.Networks
      expect(bridge!.IPAddress).toMatch(/^172\.17\.0\.\d+$/)
      expect(NetworkSettings).toMatchObject({
        IPAddress: bridge!.IPAddress,
        Gateway: '172.17.0.1',
        IPPrefixLen: 16,
      })
    })
  })

  describe('a container that does not run', () => {
    test('has no processes to show', async () => {
      const container = await bench.create()
      expect(await refusal(container.top())).toEqual([409, `container ${container.id} is not running`])
    })

    test('has zeros for its usage', async () => {
      const stats = await (await bench.create()).stats({ stream: false })
      expect(stats.cpu_stats.cpu_usage.total_usage).toBe(0)
      expect(stats.read).toBe('0001-01-01T00:00:00Z')
    })

    test('shows what it changed: 0 modified, 1 added, 2 deleted', async () => {
      const container = await bench.ended('echo > /new; rm /bin/tac; mkdir /home/dir')
      const changes = (await container.changes()) as { Path: string; Kind: number }[]
      expect(changes.sort((a, b) => (a.Path < b.Path ? -1 : 1))).toEqual([
        { Path: '/bin', Kind: 0 },
        { Path: '/bin/tac', Kind: 2 },
        { Path: '/home', Kind: 0 },
        { Path: '/home/dir', Kind: 1 },
        { Path: '/new', Kind: 1 },
      ])
    })
  })
}
