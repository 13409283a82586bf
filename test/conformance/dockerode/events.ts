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

export function describeEventStream(bench: DockerBench): void {
  describeEvents(bench)
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
      const Cmd = ['sh', '-c', 'trap "exit 0" TERM; echo up; sleep 1000000 & wait']
      const container = await bench.start({ name: unique('busy'), Cmd })
      await bench.awaitLog(container, 'up')
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
