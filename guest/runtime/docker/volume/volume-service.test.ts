import { beforeEach, describe, expect, test } from 'vitest'
import { MemoryFiles } from '../../testing/memory-files.ts'
import type { HostPlan } from '../../plan/plan.ts'
import type { VolumeDeps, VolumeEvent } from './volume-deps.ts'
import { createVolumeService, type CreatedVolumeService } from './volume-service.ts'

const ROOT = '/var/lib/docker/volumes'
const NOTHING = { binds: [], mounts: [], tmpfs: {}, imageVolumes: [], volumesFrom: [] }

let files: MemoryFiles
let plans: HostPlan[]
let events: VolumeEvent[]
let deps: VolumeDeps
let service: CreatedVolumeService
let launcherFails = false

/** A launcher whose mounts appear in the files' /proc/self/mountinfo. */
const launcher: VolumeDeps['launcher'] = {
  stream: () => Promise.reject(new Error('nothing is kept')),
  ask: () => Promise.reject(new Error('nothing is asked')),
  async run(plan) {
    if (launcherFails) throw new Error('operation not permitted')
    plans.push(plan)
    for (const step of plan.steps) {
      if (step.op === 'mount')
        files.put('/proc/self/mountinfo', `29 1 0:9 / ${step.target} rw - tmpfs x rw\n`)
      if (step.op === 'umount') files.put('/proc/self/mountinfo', '')
    }
  },
}

beforeEach(async () => {
  files = new MemoryFiles({ '/proc/self/mountinfo': '', '/host/file': 'x' })
  plans = []
  events = []
  launcherFails = false
  let counter = 0
  deps = {
    launcher,
    files,
    paths: { dataRoot: '/var/lib/docker' },
    randomHex: (bytes) => String(++counter).padStart(bytes * 2, '0'),
    now: () => new Date('2026-01-02T03:04:05.678Z'),
    onEvent: (event) => events.push(event),
    report: (what, error) => {
      throw new Error(what, { cause: error })
    },
  }
  service = createVolumeService(deps)
  await service.recover()
})

const resolve = (containerId: string, more: Partial<Parameters<typeof service.resolveMounts>[0]>) =>
  service.resolveMounts({ containerId, ...NOTHING, ...more })

describe('volumes', () => {
  test('are made once, with Docker’s JSON', async () => {
    const made = await service.create({ Name: 'data', Labels: { a: 'b' } })
    expect(made).toEqual({
      CreatedAt: '2026-01-02T03:04:05Z',
      Driver: 'local',
      Labels: { a: 'b' },
      Mountpoint: `${ROOT}/data/_data`,
      Name: 'data',
      Options: null,
      Scope: 'local',
    })
    expect(await service.create({ Name: 'data' })).toEqual(made)
    expect(events).toEqual([{ action: 'create', name: 'data', driver: 'local' }])
    expect(await files.exists(made.Mountpoint)).toBe(true)
  })

  test('without a name get 64 hex digits and the label of anonymous ones', async () => {
    const { Name, Labels } = await service.create({})
    expect(Name).toMatch(/^[0-9a-f]{64}$/)
    expect(Labels).toEqual({ 'com.docker.volume.anonymous': '' })
  })

  test.each([
    [
      { Name: 'a' },
      'invalid',
      'create a: volume name is too short, names should be at least two alphanumeric characters',
    ],
    [{ Name: '../x' }, 'invalid', 'create ../x: "../x" includes invalid characters for a local volume name'],
    [
      { Name: 'nfs', Driver: 'nfs' },
      'not-found',
      'create nfs: error looking up volume plugin nfs: plugin "nfs" not found',
    ],
    [{ Name: 'vv', DriverOpts: { colour: 'red' } }, 'invalid', 'create vv: invalid option: "colour"'],
    [
      { Name: 'vv', DriverOpts: { type: 'tmpfs' } },
      'invalid',
      'create vv: missing required option: "device"',
    ],
    [{ Name: 'vv', DriverOpts: { size: '1m' } }, 'invalid', 'quota size requested but no quota support'],
    [{ Name: 'vv', DriverOpts: { type: 'nfs', device: ':/x' } }, 'not-supported', 'no network file systems'],
  ])('that cannot be are refused: %j', async (request, code, message) => {
    await expect(service.create(request)).rejects.toMatchObject({
      code,
      message: expect.stringContaining(message),
    })
    expect(await service.list({})).toEqual([])
  })

  test('in use are not removed; force is for those that are not there', async () => {
    await resolve('c1', { binds: ['data:/x'] })
    await resolve('c2', { binds: ['data:/y'] })
    await expect(service.remove('data', true)).rejects.toMatchObject({
      code: 'conflict',
      message: 'remove data: volume is in use - [c1, c2]',
    })
    await expect(service.remove('none', false)).rejects.toMatchObject({
      code: 'not-found',
      message: 'get none: no such volume',
    })
    await service.remove('none', true)
    await service.release('c1', true)
    await service.release('c2', true)
    await service.remove('data', false)
    expect(await files.exists(`${ROOT}/data`)).toBe(false)
  })

  test('are listed by name, label, driver and dangling', async () => {
    await service.create({ Name: 'one', Labels: { tier: 'db' } })
    await resolve('c1', { binds: ['two:/x'] })
    const names = async (filters: Record<string, string[]>) =>
      (await service.list(filters)).map(({ Name }) => Name)
    expect(await names({})).toEqual(['one', 'two'])
    expect(await names({ name: ['on'] })).toEqual(['one'])
    expect(await names({ label: ['tier=db'] })).toEqual(['one'])
    expect(await names({ driver: ['other'] })).toEqual([])
    expect(await names({ dangling: ['true'] })).toEqual(['one'])
    expect(await names({ dangling: ['false'] })).toEqual(['two'])
    await expect(names({ size: ['1'] })).rejects.toThrow("invalid filter 'size'")
  })

  test('are pruned when unused and anonymous, or all unused ones, counting their bytes', async () => {
    await service.create({ Name: 'named' })
    const { Name } = await service.create({})
    await resolve('c1', { binds: ['used:/x'] })
    files.put(`${ROOT}/${Name}/_data/f`, '12345')
    files.put(`${ROOT}/named/_data/f`, '123')
    expect(await service.prune({})).toEqual({ VolumesDeleted: [Name], SpaceReclaimed: 5 })
    expect(await service.prune({ all: ['true'] })).toEqual({ VolumesDeleted: ['named'], SpaceReclaimed: 3 })
    expect((await service.usage()).map(({ Name, UsageData }) => [Name, UsageData])).toEqual([
      ['used', { Size: 0, RefCount: 1 }],
    ])
  })

  test('whose record cannot be read are named, and cost nobody else', async () => {
    for (const name of ['whole', 'torn']) await service.create({ Name: name })
    const record = `${ROOT}/torn/volume.json`
    files.put(record, (await files.readText(record)).slice(0, 20))
    const reported: [string, unknown][] = []
    const next = createVolumeService({ ...deps, report: (...what) => void reported.push(what) })
    await next.recover()
    expect((await next.list({})).map(({ Name }) => Name)).toEqual(['whole'])
    expect(reported).toEqual([['volume torn', expect.objectContaining({ code: 'corrupt' })]])
  })

  test('and who uses them survive a restart; one that was never finished goes', async () => {
    await resolve('c1', { binds: ['data:/x'] })
    await files.makeDirectory(`${ROOT}/half/_data`)
    const next = createVolumeService(deps)
    await next.recover()
    expect((await next.list({})).map(({ Name }) => Name)).toEqual(['data'])
    expect(await files.exists(`${ROOT}/half`)).toBe(false)
    await expect(next.remove('data', false)).rejects.toThrow('volume is in use - [c1]')
  })
})

describe('mounts', () => {
  test('of volumes bind their data, as docker inspect shows it', async () => {
    const [named, anonymous] = await resolve('c1', { binds: ['data:/x:ro', '/y'] })
    expect(named).toEqual({
      destination: '/x',
      type: 'bind',
      source: `${ROOT}/data/_data`,
      options: ['rbind', 'ro', 'rro', 'rprivate'],
      copyUp: true,
      point: {
        Type: 'volume',
        Name: 'data',
        Source: `${ROOT}/data/_data`,
        Destination: '/x',
        Driver: 'local',
        Mode: 'ro',
        RW: false,
        Propagation: '',
      },
    })
    expect(anonymous!.point.Name).toMatch(/^[0-9a-f]{64}$/)
  })

  test('resolved again are the same, anonymous volumes too', async () => {
    const sources = { binds: ['/y'], imageVolumes: ['/z'] }
    const first = await resolve('c1', sources)
    expect(await resolve('c1', sources)).toEqual(first)
    expect(await resolve('c2', sources)).not.toEqual(first)
  })

  test('of the host need their source with --mount, and make it with -v', async () => {
    const mounts = [{ Type: 'bind' as const, Source: '/none', Target: '/x' }]
    await expect(resolve('c1', { mounts, binds: ['data:/d'] })).rejects.toThrow(
      'invalid mount config for type "bind": bind source path does not exist: /none',
    )
    expect(await service.list({})).toEqual([])
    const [bind] = await resolve('c1', { binds: ['/none:/x:shared'] })
    expect(await files.exists('/none')).toBe(true)
    expect(bind).toMatchObject({
      options: ['rbind', 'rw', 'shared'],
      point: { Propagation: 'shared', Mode: 'shared' },
    })
  })

  test('of --tmpfs are not shown, of --mount type=tmpfs are', async () => {
    const mounts = [
      { Type: 'tmpfs' as const, Target: '/b', TmpfsOptions: { SizeBytes: 65536, Mode: 0o1777 } },
    ]
    const [shown, hidden] = await resolve('c1', { mounts, tmpfs: { '/a': 'size=1m' } })
    expect(shown).toMatchObject({
      type: 'tmpfs',
      options: ['noexec', 'nosuid', 'nodev', 'mode=1777', 'size=64k'],
    })
    expect(shown!.hidden).toBeUndefined()
    expect(hidden).toMatchObject({ destination: '/a', hidden: true })
  })

  test('of another container are counted, and keep its access', async () => {
    const [own] = await resolve('c1', { binds: ['data:/x'] })
    const [theirs] = await resolve('c2', { volumesFrom: [{ point: { ...own!.point, RW: false } }] })
    expect(theirs).toMatchObject({
      source: own!.source,
      options: ['rbind', 'ro', 'rro', 'rprivate'],
      copyUp: false,
    })
    await service.release('c1', true)
    await expect(service.remove('data', false)).rejects.toThrow('volume is in use - [c2]')
  })

  test('below a volume are looked up when the container starts, and show the volume', async () => {
    const mount = { Type: 'volume' as const, Source: 'v1', Target: '/x', VolumeOptions: { Subpath: 'a/b' } }
    const [own] = await resolve('c1', { mounts: [mount] })
    expect(own).toMatchObject({ source: `${ROOT}/v1/_data`, subpath: 'a/b', copyUp: true })
    expect(own!.point.Source).toBe(`${ROOT}/v1/_data`)
    const [theirs] = await resolve('c2', { volumesFrom: [own!] })
    expect(theirs).toMatchObject({ source: `${ROOT}/v1/_data`, subpath: 'a/b', copyUp: false })
  })

  test('of an image are read-only, and pass on', async () => {
    const id = `sha256:${'1'.repeat(64)}` as const
    const images = new Map([['busybox', { id, directory: '/merged' }]])
    const mount = { Type: 'image' as const, Source: 'busybox', Target: '/x/' }
    const [own] = await resolve('c1', { mounts: [{ ...mount, ImageOptions: { Subpath: 'bin' } }], images })
    expect(own).toEqual({
      ...{ destination: '/x', type: 'bind', source: '/merged', image: id, subpath: 'bin', copyUp: false },
      options: ['rbind', 'ro', 'rro', 'rprivate'],
      point: {
        ...{ Type: 'image', Name: 'busybox', Source: '/merged', Destination: '/x' },
        ...{ Mode: '', RW: false, Propagation: 'rprivate' },
      },
    })
    expect((await resolve('c2', { volumesFrom: [own!] }))[0]).toEqual(own)
  })

  test('that fail leave no volume without a user', async () => {
    const wrong = [{ Type: 'image' as const, Source: 'none', Target: '/x' }]
    await expect(resolve('c1', { binds: ['/y', 'v1:/z'], mounts: wrong })).rejects.toThrow(
      'No such image: none',
    )
    expect(await service.list({ dangling: ['false'] })).toEqual([])
    expect((await service.list({})).map(({ Name }) => Name)).toEqual(['v1'])
  })
})

describe('a container that goes', () => {
  test('takes its anonymous volumes only when asked, and never those another still has', async () => {
    const [own] = await resolve('c1', { binds: ['/y'] })
    await resolve('c2', { volumesFrom: [own!] })
    await service.release('c1', true)
    expect(await service.list({})).toHaveLength(1)
    await service.release('c2', true)
    expect(await service.list({})).toEqual([])
    await resolve('c3', { binds: ['/y'] })
    await service.release('c3', false)
    expect(await service.list({})).toHaveLength(1)
  })
})

describe('copy-up', () => {
  beforeEach(() => files.put('/image/conf/a', 'from the image'))

  test('fills an empty volume from the image, and only an empty one', async () => {
    const [mount] = await resolve('c1', { binds: ['data:/conf'] })
    await service.copyUp(mount!, '/image/conf')
    expect(await files.readText(`${ROOT}/data/_data/a`)).toBe('from the image')
    files.put(`${ROOT}/data/_data/a`, 'changed')
    files.put('/image/conf/b', 'later')
    await service.copyUp(mount!, '/image/conf')
    expect(await files.list(`${ROOT}/data/_data`)).toEqual(['a'])
    expect(await files.readText(`${ROOT}/data/_data/a`)).toBe('changed')
  })

  test('leaves binds, nocopy, missing paths and files alone', async () => {
    const [bind, nocopy, other] = await resolve('c1', { binds: ['/host:/h', 'n1:/conf:nocopy', 'n2:/x'] })
    await service.copyUp(bind!, '/image/conf')
    await service.copyUp(nocopy!, '/image/conf')
    await service.copyUp(other!, '/image/none')
    await service.copyUp(other!, '/image/conf/a')
    expect(await files.list('/host')).toEqual(['file'])
    expect(await files.list(`${ROOT}/n1/_data`)).toEqual([])
    expect(await files.list(`${ROOT}/n2/_data`)).toEqual([])
  })
})

describe('a volume of another file system', () => {
  const DriverOpts = { type: 'tmpfs', device: 'tmpfs', o: 'size=1m,nosuid,uid=1000' }

  test('is mounted for its first container and unmounted after its last', async () => {
    await service.create({ Name: 'fast', DriverOpts })
    await resolve('c1', { binds: ['fast:/x'] })
    await resolve('c2', { binds: ['fast:/x'] })
    expect(plans).toEqual([
      {
        steps: [
          {
            op: 'mount',
            source: 'tmpfs',
            target: `${ROOT}/fast/_data`,
            type: 'tmpfs',
            flags: 2,
            data: 'size=1m,uid=1000',
          },
        ],
      },
    ])
    await service.release('c1', false)
    expect(plans).toHaveLength(1)
    await service.release('c2', false)
    expect(plans[1]!.steps).toMatchObject([{ op: 'umount', path: `${ROOT}/fast/_data` }])
  })

  test('is unmounted before it is removed', async () => {
    await service.create({ Name: 'fast', DriverOpts: { type: 'none', device: '/host', o: 'bind' } })
    await resolve('c1', { binds: ['fast:/x'] })
    expect(plans[0]!.steps).toMatchObject([{ flags: 4096, type: '', source: '/host' }])
    await service.release('c1', false)
    await service.remove('fast', false)
    expect(await files.exists('/host/file')).toBe(true)
  })

  test('that cannot be mounted says so', async () => {
    await service.create({ Name: 'fast', DriverOpts })
    launcherFails = true
    await expect(resolve('c1', { binds: ['fast:/x'] })).rejects.toThrow(
      `failed to mount local volume: mount tmpfs:${ROOT}/fast/_data: operation not permitted`,
    )
  })
})
