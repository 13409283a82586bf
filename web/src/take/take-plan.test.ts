import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import type { ContainerCreateRequest, ContainerInspect } from '../../../guest/protocol/api/engine-api.ts'
import { inventoryOf } from '../../../test/support/taken-inventory.ts'
import type { Inventory } from './inventory.ts'
import type { Selection } from './selection.ts'
import { planTake } from './take-plan.ts'

const RUNNING: Selection = { kind: 'running' }

const PROJECT = 'com.docker.compose.project'
const composeOf = (inventory: Inventory) =>
  parse(planTake(inventory, RUNNING).composeYaml) as {
    name: string
    services: Record<string, Record<string, unknown>>
    volumes: Record<string, unknown>
    networks: Record<string, unknown>
  }

/** The service of one container, without what every service of these tests has. */
async function service(request: ContainerCreateRequest, change?: (one: ContainerInspect) => void) {
  const { image, platform, container_name, network_mode, ...rest } = composeOf(
    await inventoryOf({ web: request }, change),
  ).services['web']!
  expect([image, platform, container_name, network_mode]).toEqual([
    'busybox:latest',
    'linux/386',
    'web',
    'bridge',
  ])
  return rest
}

test('a container that says nothing of its own is an image and a name', async () => {
  expect(await service({})).toEqual({})
  expect(await service({ Cmd: ['sh'], Env: ['PATH=/bin'], Labels: { from: 'image' } })).toEqual({})
})

test('what differs from the image is written', async () => {
  const request: ContainerCreateRequest = {
    ...{
      Cmd: ['sleep', '9'],
      Entrypoint: ['/init'],
      Env: ['A=1', 'PATH=/sbin'],
      User: '5:6',
      WorkingDir: '/w',
    },
    ...{ Hostname: 'box', Tty: true, OpenStdin: true, StopSignal: 'SIGINT', StopTimeout: 3 },
    Labels: { own: 'x' },
    Healthcheck: { Test: ['CMD', 'true'], Interval: 90_000_000_000, Retries: 2 },
  }
  expect(await service(request)).toEqual({
    ...{ command: ['sleep', '9'], entrypoint: ['/init'], environment: ['A=1', 'PATH=/sbin'] },
    ...{ user: '5:6', working_dir: '/w', hostname: 'box', tty: true, stdin_open: true },
    ...{ stop_signal: 'SIGINT', stop_grace_period: '3s', labels: { own: 'x' } },
    healthcheck: { test: ['CMD', 'true'], interval: '1m30s', retries: 2 },
  })
  expect(await service({ Healthcheck: { Test: ['NONE'] } })).toEqual({ healthcheck: { disable: true } })
})

test('limits and rights are written, Docker’s defaults are not', async () => {
  const MIB = 1024 * 1024
  expect(
    await service({
      HostConfig: {
        ...{ Memory: 64 * MIB, MemorySwap: -1, MemoryReservation: 7_000_000, NanoCpus: 5e8, CpuShares: 512 },
        ...{ PidsLimit: 50, ShmSize: 8 * MIB, CapAdd: ['NET_ADMIN'], CapDrop: ['ALL'], ReadonlyRootfs: true },
        ...{ SecurityOpt: ['no-new-privileges'], OomScoreAdj: 5, Init: true, GroupAdd: ['44'] },
        Ulimits: [{ Name: 'nofile', Soft: 10, Hard: 20 }],
        RestartPolicy: { Name: 'on-failure', MaximumRetryCount: 3 },
        Sysctls: { 'net.core.somaxconn': '5' },
      },
    }),
  ).toEqual({
    ...{ mem_limit: '64m', memswap_limit: -1, mem_reservation: '7000000b', cpus: 0.5, cpu_shares: 512 },
    ...{ pids_limit: 50, shm_size: '8m', cap_add: ['NET_ADMIN'], cap_drop: ['ALL'], read_only: true },
    ...{ security_opt: ['no-new-privileges'], oom_score_adj: 5, init: true, group_add: ['44'] },
    ...{ ulimits: { nofile: { soft: 10, hard: 20 } }, restart: 'on-failure:3' },
    sysctls: { 'net.core.somaxconn': '5' },
  })
  expect(await service({ HostConfig: { Memory: 64 * MIB } })).toEqual({ mem_limit: '64m' })
})

test('ports are written as people write them', async () => {
  const PortBindings = {
    '80/tcp': [
      { HostIp: '', HostPort: '8080' },
      { HostIp: '127.0.0.1', HostPort: '8081' },
    ],
    '53/udp': [{ HostIp: '::1', HostPort: '5353' }],
    '443/tcp': [{ HostIp: '', HostPort: '' }],
  }
  const { ports, expose } = await service({ ExposedPorts: { '9000/tcp': {} }, HostConfig: { PortBindings } })
  expect(ports).toEqual(expect.arrayContaining(['8080:80', '127.0.0.1:8081:80', '[::1]:5353:53/udp', '443']))
  expect(expose).toEqual(['9000'])
})

describe('what is mounted', () => {
  test('volumes with a name come along, others are told of', async () => {
    const inventory = await inventoryOf({
      web: { HostConfig: { Binds: ['data:/data:ro', 'p_cache:/cache'] }, Volumes: { '/anon': {} } },
    })
    const { services, volumes } = composeOf(inventory)
    expect(services['web']!['volumes']).toEqual(['/anon', 'p_cache:/cache', 'data:/data:ro'])
    expect(volumes).toEqual({ data: { name: 'data' }, p_cache: { name: 'p_cache' } })
    const plan = planTake(inventory, RUNNING)
    expect(plan.left).toEqual([{ reason: 'anonymous', service: 'web', what: '/anon' }])
    expect(plan.volumes.map(({ key, archive }) => [key, archive])).toEqual([
      ['data', 'volumes/data.tar'],
      ['p_cache', 'volumes/p_cache.tar'],
    ])
  })

  test('files of the guest stand in the folder, or are told of; Docker’s socket is everywhere', async () => {
    const Binds = ['/root/a b:/a', '/etc/b/:/x/b', '/run/docker.sock:/var/run/docker.sock', '/huge:/huge']
    const inventory = await inventoryOf({ web: { HostConfig: { Binds } } })
    const bound = new Map([
      ['/root/a b', { archive: new Uint8Array(512) }],
      ['/etc/b', { archive: new Uint8Array(512) }],
      ['/huge', { left: 'bindTooLarge' as const }],
    ])
    const plan = planTake({ ...inventory, bound }, RUNNING)
    const { services } = parse(plan.composeYaml) as { services: { web: { volumes: string[] } } }
    expect(services.web.volumes).toContain('./files/a-b:/a')
    expect(services.web.volumes).toContain('/run/docker.sock:/var/run/docker.sock')
    expect(services.web.volumes).toHaveLength(3)
    expect(plan.left).toEqual([{ reason: 'bindTooLarge', service: 'web', what: '/huge' }])
  })
})

describe('hostile texts', () => {
  const EVIL = 'a"b\'c`$HOME ${X:-y} $$\n- x: |\r\u2028\ttab # {{.}} \\'

  test('are read again as they were, with dollar signs that Compose would take for variables doubled', async () => {
    const doubled = EVIL.replaceAll('$', () => '$$')
    const found = await service({ Cmd: ['sh', '-c', EVIL], Env: [`A=${EVIL}`], Labels: { [EVIL]: EVIL } })
    expect(found).toEqual({
      command: ['sh', '-c', doubled],
      environment: [`A=${doubled}`],
      labels: { [EVIL]: doubled },
    })
  })

  test('of labels that pretend to be Compose’s make no service of another name', async () => {
    const service = 'com.docker.compose.service'
    const { services, name } = composeOf(
      await inventoryOf({
        one: { Labels: { [PROJECT]: EVIL, [service]: EVIL, 'com.docker.compose.depends_on': EVIL } },
        two: { Labels: { [PROJECT]: '../x', [service]: 'x-y' } },
      }),
    )
    expect(name).toBe('porthole')
    expect(Object.keys(services)).toEqual(['one', 'two'])
    expect(services['one']).not.toHaveProperty('depends_on')
  })

  test('of a bound path stay within the folder', async () => {
    const inventory = await inventoryOf({ web: { HostConfig: { Binds: ['/x/..y$z:/a', '/:/b'] } } })
    const archive = new Uint8Array(512)
    const bound = new Map(['/x/..y$z', '/'].map((path) => [path, { archive }]))
    expect(planTake({ ...inventory, bound }, RUNNING).files.map(({ path }) => path)).toEqual([
      'files/..y-z',
      'files/root',
    ])
  })
})

describe('services', () => {
  const compose = (project: string, name: string, number = '1') => ({
    Labels: {
      [PROJECT]: project,
      'com.docker.compose.service': name,
      'com.docker.compose.container-number': number,
    },
  })

  test('of one project keep its name and theirs; replicas are one', async () => {
    const { name, services } = composeOf(
      await inventoryOf({
        'shop-web-1': compose('shop', 'web'),
        'shop-web-2': compose('shop', 'web', '2'),
        odd: {
          Labels: {
            ...compose('shop', 'db').Labels,
            'com.docker.compose.depends_on': 'web:service_healthy:true,gone:service_started:false',
          },
        },
      }),
    )
    expect(name).toBe('shop')
    expect(services['web']).toMatchObject({ scale: 2 })
    expect(services['web']).not.toHaveProperty('container_name')
    expect(services['web']).not.toHaveProperty('labels.com.docker.compose.service')
    expect(services['db']).toMatchObject({
      container_name: 'odd',
      depends_on: { web: { condition: 'service_healthy', restart: true } },
    })
  })

  test('of several projects have names of their own', async () => {
    const { name, services } = composeOf(
      await inventoryOf({
        aa: compose('one', 'web'),
        bb: compose('two', 'web'),
        cc: { Labels: { [PROJECT]: '' } },
      }),
    )
    expect(name).toBe('porthole')
    expect(Object.keys(services)).toEqual(['cc', 'web', 'web-2'])
  })

  test('that share a namespace with another container name its service, or are told of', async () => {
    const inventory = await inventoryOf({ base: {}, joined: {}, lost: {} }, (one) => {
      if (one.Name === '/lost') one.HostConfig.NetworkMode = `container:${'9'.repeat(64)}`
    })
    const [base, joined] = inventory.containers
    joined!.HostConfig.NetworkMode = `container:${base!.Id}`
    joined!.HostConfig.PidMode = 'host'
    expect(composeOf(inventory).services['joined']).toMatchObject({
      network_mode: 'service:base',
      pid: 'host',
    })
    expect(planTake(inventory, RUNNING).left).toEqual([
      { reason: 'joined', service: 'lost', what: '999999999999' },
    ])
  })
})

describe('images', () => {
  test('that have lost their name get one', async () => {
    const inventory = await inventoryOf({ web: {} })
    const images = inventory.images.map((image) => ({ ...image, RepoTags: [] }))
    const { images: taken, composeYaml } = planTake({ ...inventory, images }, RUNNING)
    expect(taken).toMatchObject([{ reference: 'porthole-taken:111111111111', isNew: true }])
    expect(composeYaml).toContain('image: porthole-taken:111111111111')
  })

  test('are named as the container asked for them', async () => {
    const inventory = await inventoryOf(
      { web: {} },
      ({ Config }) => (Config.Image = 'docker.io/library/box:1'),
    )
    const images = inventory.images.map((image) => ({ ...image, RepoTags: ['busybox:latest', 'box:1'] }))
    expect(planTake({ ...inventory, images }, RUNNING).images).toMatchObject([
      { reference: 'box:1', isNew: false },
    ])
  })
})
