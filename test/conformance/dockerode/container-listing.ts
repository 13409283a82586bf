import type Docker from 'dockerode'
import { describe, expect, test } from 'vitest'
import { refusal, unique, type DockerBench } from '../../support/docker-bench.ts'

type Filters = Record<string, string[]>

export function describeContainerListing(bench: DockerBench): void {
  describeFilters(bench)
  describeSummaries(bench)
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
