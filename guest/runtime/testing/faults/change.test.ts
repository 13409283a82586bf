/** Each effect of a change to an existing container fails once. */
import { expect } from 'vitest'
import { injectFaults } from './inject-faults.ts'
import { container, leaveLease, post, running, volumeNames, watchers } from './requests.ts'
import type { FaultWorld } from './fault-world.ts'

const names = ({ engine }: FaultWorld) => engine.context.containers.names

async function execute(world: FaultWorld, detach: boolean): Promise<void> {
  const request = { Cmd: ['true'], AttachStdout: !detach, AttachStdin: !detach, User: 'root' }
  const { Id } = (await post(world, '/containers/web/exec', request)) as { Id: string }
  const started = post(world, `/exec/${Id}/start`, { Detach: detach })
  if (!detach) world.waiter('exec', started)
  const said = await started
  await world.quiet()
  const inspected = (await world.call('GET', `/exec/${Id}/json`)) as { Running: boolean; ExitCode: number }
  if (inspected.ExitCode !== 0) throw new Error(`the exec ended with ${inspected.ExitCode}: ${String(said)}`)
  expect(inspected.Running).toBe(false)
}

for (const detach of [false, true])
  await injectFaults({
    name: detach ? 'a detached exec' : 'exec',
    effects: [
      'launcher.run resolve-user',
      'launcher.launch init execute',
      'launcher.forget',
      ...(detach ? [] : ['shim.attach', 'shim output']),
    ],
    async scene(world) {
      await running(world, 'web')
      world.host.onLaunch = (process) => void setImmediate(() => process.end())
    },
    run: (world) => execute(world, detach),
    check: (world) => expect(container(world, 'web').execIds.size).toBe(0),
  })

const VOLUMES = { Volumes: { '/data': {} }, HostConfig: { Binds: ['named:/named'], IpcMode: 'shareable' } }

for (const force of [false, true])
  await injectFaults({
    name: force ? 'remove a running container by force' : 'remove with volumes',
    effects: [
      'files.removeTree /var/lib/docker/overlay2',
      'files.removeTree /var/lib/docker/containers',
      'files.removeTree /var/lib/docker/volumes',
      'content.release',
      ...(force ? ['shim.signal', 'launcher.run', 'launcher.forget'] : []),
    ],
    async scene(world) {
      await running(world, 'web', VOLUMES)
      await leaveLease(world)
      if (!force) await post(world, '/containers/web/stop')
      watchers(world, 'web')
    },
    run: (world) => world.call('DELETE', '/containers/web', undefined, { force, v: true }),
    async check(world) {
      expect(names(world)).toEqual([])
      expect(await volumeNames(world)).toEqual(['named'])
    },
  })

await injectFaults({
  name: 'remove a paused container by force',
  effects: ['launcher.run cgroup-freeze', 'shim.signal 9'],
  async scene(world) {
    await running(world, 'web')
    await post(world, '/containers/web/pause')
    watchers(world, 'web')
  },
  run: (world) => world.call('DELETE', '/containers/web', undefined, { force: true }),
  check: (world) => expect(names(world)).toEqual([]),
})

await injectFaults({
  name: 'rename',
  effects: [
    'files.writeAtomically /var/lib/docker/containers',
    'files.writeAtomically /var/lib/docker/network',
    'files.write ',
  ],
  scene: (world) => running(world, 'web'),
  run: (world) => post(world, '/containers/web/rename?name=shop'),
  check(world) {
    expect(names(world)).toEqual(['/shop'])
    const { id } = container(world, 'shop')
    expect(world.engine.context.networks.hosts(id)).toBeDefined()
  },
})

async function networkOf(world: FaultWorld): Promise<string[]> {
  type Shown = { NetworkSettings: { Networks: Record<string, unknown> } }
  const { NetworkSettings } = (await world.call('GET', '/containers/web/json')) as Shown
  return Object.keys(NetworkSettings.Networks).sort()
}

async function withNetwork(world: FaultWorld): Promise<void> {
  await post(world, '/networks/create', { Name: 'blue' })
  await running(world, 'web', {
    ExposedPorts: { '80/tcp': {} },
    HostConfig: { PortBindings: { '80/tcp': [{ HostIp: '', HostPort: '8080' }] } },
  })
}

await injectFaults({
  name: 'connect',
  effects: ['launcher.run netlink', 'files.writeAtomically /var/lib/docker/network', 'files.write '],
  scene: withNetwork,
  run: (world) => post(world, '/networks/blue/connect', { Container: 'web' }),
  check: async (world) => expect(await networkOf(world)).toEqual(['blue', 'bridge']),
})

await injectFaults({
  name: 'disconnect',
  effects: ['launcher.run netlink', 'files.writeAtomically /var/lib/docker/network', 'files.write '],
  async scene(world) {
    await withNetwork(world)
    await post(world, '/networks/blue/connect', { Container: 'web' })
  },
  run: (world) => post(world, '/networks/bridge/disconnect', { Container: 'web' }),
  check: async (world) => expect(await networkOf(world)).toEqual(['blue']),
})

await injectFaults({
  name: 'remove a link',
  effects: [
    'files.writeAtomically /var/lib/docker/containers',
    'files.writeAtomically /var/lib/docker/network',
  ],
  async scene(world) {
    await running(world, 'db')
    await running(world, 'web', { HostConfig: { Links: ['db:base'] } })
  },
  run: (world) => world.call('DELETE', '/containers/web/base', undefined, { link: true }),
  check(world) {
    const { id, record } = container(world, 'web')
    expect(record.links).toEqual([])
    expect(world.engine.context.networks.hosts(id)).not.toContain('base')
  },
})

await injectFaults({
  name: 'network create',
  effects: ['launcher.run netlink', 'files.writeAtomically /var/lib/docker/network'],
  run: (world) => post(world, '/networks/create', { Name: 'blue' }),
})

await injectFaults({
  name: 'network remove',
  effects: ['launcher.run', 'files.remove /var/lib/docker/network'],
  scene: async (world) => void (await post(world, '/networks/create', { Name: 'blue' })),
  run: (world) => world.call('DELETE', '/networks/blue'),
  async check(world) {
    const networks = (await world.call('GET', '/networks')) as { Name: string }[]
    expect(networks.map(({ Name }) => Name)).not.toContain('blue')
  },
})

await injectFaults({
  name: 'volume create',
  effects: ['files.makeDirectory', 'files.writeAtomically'],
  run: (world) => post(world, '/volumes/create', { Name: 'data' }),
  check: async (world) => expect(await volumeNames(world)).toEqual(['data']),
})

await injectFaults({
  name: 'volume remove',
  effects: ['files.remove /', 'files.removeTree'],
  scene: async (world) => void (await post(world, '/volumes/create', { Name: 'data' })),
  run: (world) => world.call('DELETE', '/volumes/data'),
  check: async (world) => expect(await volumeNames(world)).toEqual([]),
})

await injectFaults({
  name: 'update',
  effects: ['files.write /sys/fs/cgroup', 'files.writeAtomically'],
  async scene(world) {
    await running(world, 'web')
    await world.files.makeDirectory(`/sys/fs/cgroup/docker/${container(world, 'web').id}`)
  },
  run: (world) => post(world, '/containers/web/update', { Memory: 64 << 20, PidsLimit: 9 }),
  check: (world) => expect(container(world, 'web').record.hostConfig.Memory).toBe(64 << 20),
})
