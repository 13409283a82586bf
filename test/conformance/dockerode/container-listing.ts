import type Docker from 'dockerode'
import { describe, expect, test } from 'vitest'
import { refusal, unique, type DockerBench } from '../../support/docker-bench.ts'

type Filters = Record<string, string[]>

export function describeContainerListing(bench: DockerBench): void {
  describeFilters(bench)
  describeSummaries(bench)
  describeLogs(bench)
  describeMeasures(bench)
}

const listed = async (bench: DockerBench, filters: Filters, options: object = { all: true }) =>
  (await bench.docker.listContainers({ ...options, filters })).map(({ Names }) => Names[0]!.slice(1)).sort()

function describeFilters(bench: DockerBench): void {
  /** One that runs, one that has ended with 3, one that never ran; labelled as a set of their own. */
  async function three(): Promise<{ label: string; up: string; down: string; fresh: string }> {
    const set = unique('set')
    const Labels = (kind: string) => ({ set, kind })
    const [up, down, fresh] = [`${set}-up`, `${set}-down`, `${set}-fresh`]
    await bench.start({
      name: up,
      Labels: Labels('up'),
      ExposedPorts: { '81/tcp': {} },
      HostConfig: { Binds: ['/tmp:/mounted'], PortBindings: { '80/tcp': [{ HostPort: '18431' }] } },
    })
    await bench.ended('exit 3', { name: down, Labels: Labels('down') })
    await bench.create({ name: fresh, Labels: Labels('fresh'), Image: 'hello-world' })
    return { label: `set=${set}`, up, down, fresh }
  }

  describe('a list of containers', () => {
    test('has those that run, or all', async () => {
      const { label, up, down, fresh } = await three()
      expect(await listed(bench, { label: [label] }, {})).toEqual([up])
      expect(await listed(bench, { label: [label] })).toEqual([down, fresh, up])
    })

    test('filters by every criterion', async () => {
      const { label, up, down, fresh } = await three()
      const upId = (await bench.docker.getContainer(up).inspect()).Id
      const cases: [Filters, string[]][] = [
        [{ label: [label, 'kind=up'] }, [up]],
        [{ label: ['nope'] }, []],
        [{ name: [down] }, [down]],
        [{ name: [`^/?${label.slice(4)}-(up|down)$`] }, [down, up]],
        [{ id: [upId.slice(0, 10)] }, [up]],
        [{ label: [label], status: ['running'] }, [up]],
        [{ label: [label], status: ['exited', 'created'] }, [down, fresh]],
        [{ label: [label], exited: ['3'] }, [down]],
        [{ label: [label], ancestor: ['busybox'] }, [down, up]],
        [{ label: [label], ancestor: ['hello-world:latest'] }, [fresh]],
        [{ label: [label], before: [down] }, [up]],
        [{ label: [label], since: [down] }, [fresh]],
        [{ label: [label], network: ['bridge'] }, [down, fresh, up]],
        [{ label: [label], volume: ['/mounted'] }, [up]],
        [{ label: [label], publish: ['18431'] }, [up]],
        [{ label: [label], expose: ['81/tcp'] }, [up]],
        [{ label: [label], health: ['none'] }, [down, fresh, up]],
        [{ label: [label], 'is-task': ['true'] }, []],
      ]
      for (const [filters, names] of cases)
        expect([filters, await listed(bench, filters)]).toEqual([filters, names])
    })

    test('gives the newest when it is limited, of every state', async () => {
      const { fresh, down } = await three()
      expect(await listed(bench, {}, { limit: 2 })).toEqual([down, fresh])
    })

    test.each([
      ['an unknown filter', { nope: ['1'] }, "invalid filter 'nope'"],
      [
        'a state that is none',
        { status: ['nope'] },
        "invalid filter 'status=nope': invalid value for state (nope): must be one of created, running, paused, restarting, removing, exited, dead",
      ],
      [
        'a status that is no number',
        { exited: ['x'] },
        `invalid filter 'exited=x': strconv.Atoi: parsing "x": invalid syntax`,
      ],
    ])('refuses %s', async (_what, filters: Filters, sentence) => {
      expect(await refusal(bench.docker.listContainers({ filters }))).toEqual([400, sentence])
    })
  })

  describe('pruning containers', () => {
    test('removes those that do not run, of a label, and says which', async () => {
      const { label } = await three()
      const before = await bench.docker.listContainers({ all: true, filters: { label: [label] } })
      const stopped = before.filter(({ State }) => State !== 'running').map(({ Id }) => Id)
      const pruned = await bench.docker.pruneContainers({ filters: { label: [label] } })
      expect([...pruned.ContainersDeleted].sort()).toEqual(stopped.sort())
      expect(pruned.SpaceReclaimed).toBeGreaterThanOrEqual(0)
    })

    test('takes a time before which they must have been made', async () => {
      await bench.ended('true', { Labels: { until: 'x' } })
      const filters = { label: ['until=x'], until: ['1h'] }
      expect((await bench.docker.pruneContainers({ filters })).ContainersDeleted).toBeNull()
    })
  })
}

function describeSummaries(bench: DockerBench): void {
  const summary = async ({ id }: Docker.Container, options: object = {}) =>
    (await bench.docker.listContainers({ all: true, filters: { id: [id] }, ...options }))[0]!

  describe('a summary has', () => {
    test('names, image, command, state and mounts', async () => {
      const name = unique('summary')
      const container = await bench.start({ name, HostConfig: { Binds: ['/tmp:/host:ro'] } })
      const { Id: image } = await bench.docker.getImage('busybox').inspect()
      expect(await summary(container)).toMatchObject({
        Id: container.id,
        Names: [`/${name}`],
        Image: 'busybox',
        ImageID: image,
        // Words with blanks stay as they are: container/view.go joins path and arguments by a blank, quoting those.
        Command: `sh -c 'trap "exit 0" TERM; sleep 1000000 & wait'`,
        State: 'running',
        Labels: {},
        HostConfig: { NetworkMode: 'bridge' },
        Mounts: [
          {
            Type: 'bind',
            Source: '/tmp',
            Destination: '/host',
            Mode: 'ro',
            RW: false,
            Propagation: 'rprivate',
          },
        ],
      })
    })

    test.each([
      ['created', 'created', /^Created$/],
      ['running', 'running', /^Up (Less than a second|\d+ seconds?)$/],
      ['exited', 'exited', /^Exited \(2\) (Less than a second|\d+ seconds?) ago$/],
      ['paused', 'paused', /^Up (Less than a second|\d+ seconds?) \(Paused\)$/],
    ])('the status of one that is %s', async (kind, state, status) => {
      const container =
        kind === 'exited' ? await bench.ended('exit 2') : await bench.create({ Cmd: ['sleep', '9999'] })
      if (kind === 'running' || kind === 'paused') await container.start()
      if (kind === 'paused') await container.pause()
      const { State, Status } = await summary(container)
      expect(State).toBe(state)
      expect(Status).toMatch(status)
    })

    test('ports, published and exposed', async () => {
      const container = await bench.start({
        ExposedPorts: { '81/udp': {} },
        HostConfig: { PortBindings: { '80/tcp': [{ HostPort: '18432' }] } },
      })
      const { Ports } = await summary(container)
      expect(Ports).toContainEqual({ IP: '0.0.0.0', PrivatePort: 80, PublicPort: 18432, Type: 'tcp' })
      expect(Ports).toContainEqual({ PrivatePort: 81, Type: 'udp' })
    })

    test('its size when that is asked for', async () => {
      const container = await bench.ended('head -c 5000 /dev/zero > /big')
      const { SizeRw, SizeRootFs } = (await summary(container, { size: true })) as unknown as Record<
        string,
        number
      >
      expect(SizeRw).toBe(5000)
      expect(SizeRootFs).toBeGreaterThan(5000)
      expect(await summary(container)).not.toHaveProperty('SizeRw')
    })
  })
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
      ['the last lines', { stdout: true, tail: 1 }, 'three\n'],
      ['no lines', { stdout: true, stderr: true, tail: 0 }, ''],
      ['all since a time', { stdout: true, since: 1 }, 'one\nthree\n'],
      ['none until a time', { stdout: true, until: 1 }, ''],
    ])('give %s', async (_what, options, lines) => {
      expect(await read(await bench.ended(said), options)).toBe(lines)
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
      expect(stats.pids_stats).toMatchObject({ current: 2, limit: 40 })
      expect(stats.cpu_stats.cpu_usage.total_usage).toBeGreaterThan(0)
      expect(stats.networks['eth0']).toMatchObject({ rx_errors: 0, tx_errors: 0 })
      expect(stats).toMatchObject({ id: container.id, os_type: undefined })
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
