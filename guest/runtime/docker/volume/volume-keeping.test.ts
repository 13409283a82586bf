/** Volumes over a reload of the page, with a launcher whose tars are the text of one file. */
import { createHash } from 'node:crypto'
import { beforeEach, describe, expect, test } from 'vitest'
import type { KeptVolumes } from '../../../protocol/api/engine-api.ts'
import { EngineError } from '../../../protocol/errors.ts'
import { FakeClock } from '../../host/clock.ts'
import type { StepReport } from '../../host/launcher/launcher-api.ts'
import { MemoryFiles } from '../../testing/memory-files.ts'
import { MemoryShelf } from '../../testing/memory-shelf.ts'
import type { HostPlan } from '../../plan/plan.ts'
import type { VolumeDeps } from './volume-deps.ts'
import { createVolumeService, type CreatedVolumeService } from './volume-service.ts'

const NOTHING = { binds: [], mounts: [], tmpfs: {}, imageVolumes: [], volumesFrom: [] }

let shelf: MemoryShelf
let clock: FakeClock

/** One machine, which ends with a reload of the page. */
class TestMachine {
  readonly files = new MemoryFiles({ '/proc/self/mountinfo': '' })
  readonly written = new Set<string>()
  readonly reported: unknown[] = []
  /** Names of the volumes whose writers were frozen, in order. */
  readonly still: string[] = []
  /** Names of the volumes whose users were ended for their data, in order. */
  readonly ended: string[] = []
  names = 0
  service: CreatedVolumeService

  constructor() {
    this.service = this.engine()
  }

  /** Starts another engine in the same machine. */
  engine(): CreatedVolumeService {
    return createVolumeService({
      launcher: {
        run: async (plan) => void (await this.run(plan)),
        ask: (plan) => this.run(plan),
        stream: (plan, input) => this.stream(plan, input),
      },
      files: this.files,
      paths: { dataRoot: '/docker' },
      randomHex: (bytes) => String(++this.names).padStart(bytes * 2, '0'),
      now: () => new Date('2026-01-02T03:04:05Z'),
      report: (_, error) => void this.reported.push(error),
      keeping: {
        ...{ shelf, clock },
        isWritten: (name) => this.written.has(name),
        whileStill: async (name, work) => {
          this.still.push(name)
          return work()
        },
        whileDown: async (name, work) => {
          this.ended.push(name)
          return work()
        },
        report: (_, error) => void this.reported.push(error),
      },
    })
  }

  async start(): Promise<this> {
    await this.service.recover()
    await this.service.keeping!.adopt()
    return this
  }

  write(name: string, text: string): void {
    this.files.put(`/docker/volumes/${name}/_data/file`, text)
  }

  async read(name: string): Promise<string> {
    const path = `/docker/volumes/${name}/_data/file`
    return (await this.files.exists(path)) ? this.files.readText(path) : ''
  }

  async state(): Promise<KeptVolumes> {
    const stop = new AbortController()
    for await (const state of this.service.keeping!.follow(stop.signal)) return state
    throw new Error('no state was told')
  }

  private async run(plan: HostPlan): Promise<StepReport[]> {
    const path = plan.steps.flatMap((step) => (step.op === 'open' ? [step.path] : []))[0] ?? ''
    const text = await this.read(path.split('/').at(-1)!)
    const sum = createHash('sha256').update(text).digest().subarray(0, 8)
    return plan.steps.map(({ op }, step) => ({
      ...{ step, role: 'shim' as const, op, result: 0, nanoseconds: 1 },
      ...(op === 'tree-stamp' && { data: Buffer.concat([sum, Buffer.of(1)]) }),
    }))
  }

  private async stream(plan: HostPlan, input?: AsyncIterable<Uint8Array>): ReturnType<LauncherStream> {
    const [open] = plan.steps
    const name = open?.op === 'open' ? open.path.split('/').at(-1)! : ''
    const parts: Uint8Array[] = []
    for await (const part of input ?? []) parts.push(part)
    if (parts.length > 0) this.write(name, Buffer.concat(parts).toString())
    const packs = plan.steps.some(({ op }) => op === 'tar-pack')
    const text = await this.read(name)
    const reports = await this.run(plan)
    return {
      reports: () => reports,
      output: (async function* () {
        if (packs && text !== '') yield Buffer.from(text)
      })(),
    }
  }
}
type LauncherStream = VolumeDeps['launcher']['stream']

/** Reloads the page: another machine gets the same shelf. */
async function reload(): Promise<TestMachine> {
  shelf.machine += '+'
  return new TestMachine().start()
}

const kept = (name: string): string => Buffer.from(shelf.kept.get(name)!.tar).toString()

let machine: TestMachine
beforeEach(async () => {
  shelf = new MemoryShelf()
  clock = new FakeClock()
  machine = await new TestMachine().start()
})

describe('a reload of the page', () => {
  test('brings named volumes back as they were, creation and labels included, used by nobody', async () => {
    const request = { Name: 'data', Labels: { a: 'b' } }
    const made = await machine.service.create(request)
    await machine.service.resolveMounts({ containerId: 'c1', ...NOTHING, binds: ['data:/d'] })
    machine.write('data', 'kept')
    await machine.service.keeping!.flush()
    const next = await reload()
    expect(await next.service.list({})).toEqual([made])
    await next.service.resolveMounts({ containerId: 'c2', ...NOTHING, binds: ['data:/d'] })
    expect(await next.read('data')).toBe('kept')
    await next.service.release('c2', true)
    await next.service.remove('data', false)
    expect(await (await reload()).service.list({})).toEqual([])
  })

  test('keeps no volume that nobody named', async () => {
    await machine.service.create({})
    await machine.service.resolveMounts({ containerId: 'c1', ...NOTHING, imageVolumes: ['/x'] })
    expect(await machine.service.keeping!.flush()).toEqual({ state: 'none', volumes: [] })
    expect(shelf.kept.size).toBe(0)
  })

  test('brings a volume with a file system of its own back without what was in that', async () => {
    const DriverOpts = { type: 'tmpfs', device: 'tmpfs', o: 'size=1m' }
    await machine.service.create({ Name: 'fast', DriverOpts })
    machine.write('fast', 'not of the volume')
    await machine.service.keeping!.flush()
    const next = await reload()
    expect(await next.service.inspect('fast')).toMatchObject({ Options: DriverOpts })
    expect(await next.read('fast')).toBe('')
  })

  test('lets nobody see a machine without its volumes', async () => {
    await machine.service.create({ Name: 'data' })
    await machine.service.keeping!.flush()
    shelf.machine = 'next'
    const next = new TestMachine()
    await next.service.recover()
    const early = next.service.list({})
    await next.service.keeping!.adopt()
    expect((await early).map(({ Name }) => Name)).toEqual(['data'])
  })

  test('leaves a volume whose data cannot be had as it is kept, and says so to whoever wants it', async () => {
    await machine.service.create({ Name: 'data' })
    machine.write('data', 'kept')
    await machine.service.keeping!.flush()
    shelf.machine = 'next'
    const load = shelf.load.bind(shelf)
    shelf.load = () => Promise.reject(new EngineError('corrupt', 'a block is damaged'))
    const next = await new TestMachine().start()
    const use = () => next.service.resolveMounts({ containerId: 'c', ...NOTHING, binds: ['data:/d'] })
    await expect(use()).rejects.toMatchObject({
      code: 'corrupt',
      message: 'volume data could not be restored: a block is damaged',
    })
    await next.service.keeping!.flush()
    expect(kept('data')).toBe('kept')
    shelf.load = load
    await use()
    expect(await next.read('data')).toBe('kept')
  })
})

describe('what changes', () => {
  beforeEach(async () => {
    await machine.service.create({ Name: 'data' })
    await machine.service.keeping!.flush()
    shelf.saves = 0
  })

  test('is kept at once when nothing will change it any more', async () => {
    machine.write('data', 'one')
    machine.service.keeping!.changed(['data', 'of-nobody'], true)
    expect((await machine.state()).state).toBe('saving')
    await expect.poll(() => shelf.saves).toBe(1)
    expect(kept('data')).toBe('one')
    expect(machine.still).toContain('data')
    await expect.poll(() => machine.state()).toMatchObject({ state: 'saved' })
  })

  test('is looked for while containers run, and saved when there is something', async () => {
    machine.written.add('data')
    machine.service.keeping!.watch()
    clock.advance(5000)
    await expect.poll(() => clock.pending).toBe(1)
    expect(shelf.saves).toBe(0)
    machine.write('data', 'two')
    clock.advance(5000)
    await expect.poll(() => clock.pending).toBe(1)
    expect(shelf.saves).toBe(1)
    expect(kept('data')).toBe('two')
    machine.written.clear()
    clock.advance(5000)
    await expect.poll(() => clock.pending).toBe(0)
    expect(shelf.saves).toBe(1)
  })

  test('is saved when it is asked for, whoever changed it, and not twice', async () => {
    machine.write('data', 'three')
    expect(await machine.service.keeping!.flush()).toMatchObject({ state: 'saved' })
    await machine.service.keeping!.flush()
    expect(shelf.saves).toBe(1)
  })

  test('while it is being saved is saved again', async () => {
    machine.write('data', 'four')
    const save = shelf.save.bind(shelf)
    shelf.save = async (volume, tar) => {
      await save(volume, tar)
      shelf.save = save
      machine.write('data', 'five')
      machine.service.keeping!.changed(['data'], true)
    }
    await machine.service.keeping!.flush()
    expect(kept('data')).toBe('five')
  })

  test('to nothing, by a removal, is kept too, and a name given again is another volume', async () => {
    const remove = shelf.remove.bind(shelf)
    shelf.remove = async (name) => {
      await machine.service.create({ Name: name, Labels: { second: '' } })
      await remove(name)
    }
    await machine.service.remove('data', false)
    await machine.service.keeping!.flush()
    expect(shelf.kept.get('data')!.volume.labels).toEqual({ second: '' })
  })
})

describe('a shelf that cannot keep', () => {
  test('for want of room is tried again, and tells its reason until it can', async () => {
    const full = new EngineError('exhausted', 'the browser’s storage for this site is full')
    await machine.service.create({ Name: 'data' })
    await machine.service.keeping!.flush()
    machine.write('data', 'more')
    shelf.failure = full
    expect(await machine.service.keeping!.flush()).toMatchObject({ state: 'unsaved', reason: full.message })
    await machine.service.keeping!.flush()
    expect(machine.reported, 'once is enough').toEqual([full])
    shelf.failure = undefined
    clock.advance(60_000)
    await expect.poll(() => machine.state()).toMatchObject({ state: 'saved' })
    expect(kept('data')).toBe('more')
  })

  test('because another tab does is left alone; what it has is there all the same', async () => {
    await machine.service.create({ Name: 'data' })
    machine.write('data', 'theirs')
    await machine.service.keeping!.flush()
    shelf.refusal = 'another tab keeps them'
    const second = await reload()
    await second.service.resolveMounts({ containerId: 'c', ...NOTHING, binds: ['data:/d'] })
    expect(await second.read('data')).toBe('theirs')
    second.write('data', 'mine')
    second.service.keeping!.changed(['data'], true)
    expect(await second.service.keeping!.flush()).toMatchObject({
      state: 'unsaved',
      reason: 'another tab keeps them',
    })
    await second.service.release('c', true)
    await second.service.remove('data', false)
    expect(kept('data')).toBe('theirs')
  })

  test('because it does not answer is never written over', async () => {
    await machine.service.create({ Name: 'data' })
    machine.write('data', 'kept')
    await machine.service.keeping!.flush()
    shelf.failure = new EngineError('unavailable', 'the browser’s storage failed')
    const next = await reload()
    shelf.failure = undefined
    await next.service.create({ Name: 'data' })
    expect(await next.service.keeping!.flush()).toMatchObject({
      state: 'unsaved',
      reason: 'the browser’s storage failed',
    })
    expect(kept('data')).toBe('kept')
  })
})

describe('an engine that was restarted', () => {
  test('goes on with the machine’s volumes, and not with what the page kept of removed ones', async () => {
    await machine.service.create({ Name: 'data' })
    await machine.service.create({ Name: 'gone' })
    await machine.service.keeping!.flush()
    machine.write('data', 'newer')
    await machine.files.removeTree('/docker/volumes/gone')
    machine.service = machine.engine()
    await machine.start()
    await machine.service.keeping!.flush()
    expect((await machine.service.list({})).map(({ Name }) => Name)).toEqual(['data'])
    expect([...shelf.kept.keys()]).toEqual(['data'])
    expect(kept('data')).toBe('newer')
  })
})

describe('a machine that was saved and goes on with another page', () => {
  /** The machine as it was before the last save of `data`, and the shelf as it is now. */
  async function older(): Promise<TestMachine> {
    await machine.service.create({ Name: 'data' })
    await machine.service.create({ Name: 'same' })
    machine.write('same', 'same')
    machine.write('data', 'last')
    await machine.service.keeping!.flush()
    machine.write('data', 'earlier')
    shelf.machine = 'next'
    shelf.newer = ['data', 'made-later']
    return machine
  }

  test('gets the data that is newer, and what has not changed stays', async () => {
    await older()
    await machine.service.keeping!.adopt()
    await expect.poll(() => machine.read('data')).toBe('last')
    await machine.service.keeping!.flush()
    expect(machine.ended).toEqual(['data'])
    expect([kept('data'), kept('same')]).toEqual(['last', 'same'])
    expect(await machine.read('same')).toBe('same')
  })

  test('gets volumes that were made since', async () => {
    await older()
    const later = { name: 'made-later', createdAt: '2026-01-02T03:04:06Z', labels: null, options: null }
    shelf.kept.set(later.name, { volume: later, tar: Buffer.from('new') })
    await machine.service.keeping!.adopt()
    await expect.poll(() => machine.read('made-later')).toBe('new')
  })

  test('keeps its own data of a volume whose newer data cannot be had, and saves none of it', async () => {
    await older()
    shelf.load = () => Promise.reject(new EngineError('corrupt', 'a block is damaged'))
    await machine.service.keeping!.adopt()
    await machine.service.keeping!.flush()
    await expect.poll(() => machine.reported.length).toBe(1)
    expect([await machine.read('data'), kept('data')]).toEqual(['earlier', 'last'])
    expect(machine.ended).toEqual([])
  })
})
