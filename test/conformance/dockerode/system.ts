import { text } from 'node:stream/consumers'
import { describe, expect, test } from 'vitest'
import { refusal, unique, type DockerBench } from '../../support/docker-bench.ts'

interface Event {
  Type: string
  Action: string
  Actor: { ID: string; Attributes: Record<string, string> }
  time: number
  timeNano: number
}

export function describeSystem(bench: DockerBench): void {
  describeEngine(bench)
  describeDiskUsage(bench)
  describeEvents(bench)
}

function describeEngine(bench: DockerBench): void {
  describe('the engine', () => {
    test('answers a ping', async () => {
      expect(String(await bench.docker.ping())).toBe('OK')
    })

    test('tells its versions', async () => {
      expect(await bench.docker.version()).toMatchObject({
        ApiVersion: '1.51',
        MinAPIVersion: '1.24',
        Os: 'linux',
        Arch: '386',
        KernelVersion: expect.stringMatching(/^6\.12\./) as unknown,
        Components: [{ Name: 'Engine' }, {}, {}],
      })
    })

    test('tells what it has and can', async () => {
      await bench.start()
      const info = (await bench.docker.info()) as Record<string, unknown>
      expect(info).toMatchObject({
        ContainersRunning: 1,
        Driver: 'overlay2',
        CgroupVersion: '2',
        CgroupDriver: 'cgroupfs',
        OSType: 'linux',
        NCPU: 1,
        MemoryLimit: true,
        PidsLimit: true,
        DefaultRuntime: 'runc',
        LoggingDriver: 'json-file',
        DockerRootDir: '/var/lib/docker',
        Swarm: { LocalNodeState: 'inactive' },
      })
      expect(info['SecurityOptions']).toContain('name=cgroupns')
      expect(info['Containers']).toBe((await bench.docker.listContainers({ all: true })).length)
      expect(info['Images']).toBe((await bench.docker.listImages()).length)
    })

    test('counts containers by their state', async () => {
      const counts = async () => {
        const info = (await bench.docker.info()) as Record<string, number>
        return [info['ContainersRunning']!, info['ContainersPaused']!, info['ContainersStopped']!]
      }
      const before = await counts()
      await bench.start()
      await (await bench.start()).pause()
      await bench.create()
      expect(await counts()).toEqual(before.map((count) => count + 1))
    })

    test('takes a login to a registry that asks for none', async () => {
      const answer = (await bench.docker.checkAuth({
        username: 'ann',
        password: 'x',
        serveraddress: 'registry.local',
      })) as object
      expect(answer).toMatchObject({ Status: 'Login Succeeded' })
    })

    test('is asked in older versions of the API', async () => {
      const { default: Docker } = await import('dockerode')
      const { socketPath } = bench.docker.modem as unknown as { socketPath: string }
      for (const version of ['v1.24', 'v1.41', 'v1.51'])
        expect((await new Docker({ socketPath, version }).version()).ApiVersion).toBe('1.51')
    })

    test.each([
      ['v1.99', 'client version 1.99 is too new. Maximum supported API version is 1.51'],
      [
        'v1.10',
        'client version 1.10 is too old. Minimum supported API version is 1.24, please upgrade your client to a newer version',
      ],
    ])('refuses %s of the API', async (version, sentence) => {
      const { default: Docker } = await import('dockerode')
      const { socketPath } = bench.docker.modem as unknown as { socketPath: string }
      expect(await refusal(new Docker({ socketPath, version }).info())).toEqual([400, sentence])
    })

    test('is no swarm', async () => {
      const [status, sentence] = await refusal(bench.docker.listServices())
      expect(status).toBe(503)
      expect(sentence).toMatch(/^This node is not a swarm manager\./)
    })

    test('has no build cache to prune', async () => {
      expect(await bench.docker.pruneBuilder()).toMatchObject({ CachesDeleted: null, SpaceReclaimed: 0 })
    })
  })
}

function describeDiskUsage(bench: DockerBench): void {
  interface Usage {
    LayersSize: number
    Images: { Id: string; Containers: number; SharedSize: number }[]
    Containers: { Id: string; SizeRw: number }[]
    Volumes: { Name: string; UsageData: { Size: number; RefCount: number } }[]
    BuildCache: unknown[]
  }
  const usage = async () => (await bench.docker.df()) as Usage

  describe('the use of the disk', () => {
    test('counts what containers have written', async () => {
      const { id } = await bench.ended('head -c 3000 /dev/zero > /big')
      expect((await usage()).Containers.find(({ Id }) => Id === id)).toMatchObject({ SizeRw: 3000 })
    })

    test('counts the containers of an image', async () => {
      const { Id } = await bench.docker.getImage('hello-world').inspect()
      await bench.create({ Image: 'hello-world' })
      expect((await usage()).Images.find((image) => image.Id === Id)).toMatchObject({ Containers: 1 })
    })

    test('counts volumes, with their users', async () => {
      const volume = await bench.volume()
      await bench.ended('head -c 2000 /dev/zero > /data/x', {
        HostConfig: { Binds: [`${volume.name}:/data`] },
      })
      const { Volumes } = await usage()
      expect(Volumes.find(({ Name }) => Name === volume.name)!.UsageData).toEqual({ Size: 2000, RefCount: 1 })
    })

    test('counts each layer once', async () => {
      const before = (await usage()).LayersSize
      await bench.tag('busybox', 'counted', 'once')
      expect((await usage()).LayersSize).toBe(before)
    })
  })
}

function describeEvents(bench: DockerBench): void {
  /** What happens during `work`, of one kind of object. Ended by the engine, at a time after it. */
  async function during(filters: Record<string, string[]>, work: () => Promise<unknown>): Promise<Event[]> {
    const since = await now()
    await work()
    const until = await now()
    // The library's types know whole seconds alone; the API takes RFC 3339 times as well.
    const options = { since, until, filters: JSON.stringify(filters) } as object
    const said = await text(await bench.docker.getEvents(options))
    return said
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Event)
  }

  /** The engine's clock. */
  async function now(): Promise<string> {
    return ((await bench.docker.info()) as { SystemTime: string }).SystemTime
  }

  const actions = (events: Event[]) => events.map(({ Action }) => Action)

  describe('events', () => {
    test('tell the life of a container', async () => {
      const name = unique('eventful')
      const events = await during({ container: [name] }, async () => {
        const container = await bench.ended('exit 2', { name, Labels: { a: '1' } })
        await container.remove()
      })
      expect(actions(events)).toEqual(['create', 'start', 'die', 'destroy'])
      expect(events[2]!.Actor.Attributes).toMatchObject({ name, image: 'busybox', a: '1', exitCode: '2' })
      expect(events.every(({ Type }) => Type === 'container')).toBe(true)
    })

    test('tell stop, kill, pause and rename', async () => {
      const container = await bench.start({ name: unique('busy') })
      const events = await during({ container: [container.id] }, async () => {
        await container.pause()
        await container.unpause()
        await container.rename({ name: unique('renamed') })
        await container.stop()
      })
      expect(actions(events)).toEqual(['pause', 'unpause', 'rename', 'kill', 'die', 'stop'])
      expect(events[3]!.Actor.Attributes['signal']).toBe('15')
    })

    test('tell of commands', async () => {
      const container = await bench.start()
      const events = await during({ container: [container.id] }, () => bench.exec(container, ['true']))
      expect(actions(events)).toEqual(['exec_create: true', 'exec_start: true', 'exec_die'])
    })

    test('tell of networks', async () => {
      const Name = unique('evented')
      const events = await during({ type: ['network'] }, async () => {
        const network = await bench.network({ Name })
        const container = await bench.start({ HostConfig: { NetworkMode: Name } })
        await container.remove({ force: true })
        await network.remove()
      })
      const mine = events.filter(({ Actor }) => Actor.Attributes['name'] === Name)
      expect(actions(mine)).toEqual(['create', 'connect', 'disconnect', 'destroy'])
    })

    test('tell of volumes', async () => {
      const Name = unique('evented')
      const events = await during({ volume: [Name] }, async () => {
        const volume = await bench.volume({ Name })
        await (await bench.ended('true', { HostConfig: { Binds: [`${Name}:/d`] } })).remove()
        await volume.remove()
      })
      expect(actions(events)).toEqual(['create', 'mount', 'unmount', 'destroy'])
    })

    test('tell of images', async () => {
      const events = await during({ type: ['image'] }, async () => {
        await bench.docker.getImage('busybox').tag({ repo: 'evented', tag: 'v1' })
        await bench.docker.getImage('evented:v1').remove()
      })
      expect(actions(events)).toEqual(['tag', 'untag'])
      expect(events[0]!.Actor.Attributes['name']).toBe('evented:v1')
    })

    test('filter by what happened, and by label', async () => {
      const set = unique('set')
      const work = async () => void (await bench.ended('true', { Labels: { set } }))
      expect(actions(await during({ label: [`set=${set}`], event: ['die'] }, work))).toEqual(['die'])
    })

    test('carry both times', async () => {
      const [event] = await during({ type: ['container'] }, () => bench.create())
      expect(Math.floor(event!.timeNano / 1e9)).toBe(event!.time)
    })

    test('come as they happen', async () => {
      const stream = (await bench.docker.getEvents({
        filters: { event: ['create'] },
      })) as NodeJS.ReadableStream
      const { id } = await bench.create()
      for await (const chunk of stream) {
        const event = JSON.parse(chunk.toString()) as Event
        expect([event.Action, event.Actor.ID]).toEqual(['create', id])
        break
      }
    })

    test('refuse an unknown filter', async () => {
      const filters = JSON.stringify({ nope: ['1'] })
      expect(await refusal(bench.docker.getEvents({ filters }))).toEqual([400, "invalid filter 'nope'"])
    })
  })
}
