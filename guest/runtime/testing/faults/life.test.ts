/** Each effect of a container's creation, start and end fails once. */
import { expect } from 'vitest'
import { IMAGE } from '../test-engine.ts'
import { injectFaults } from './inject-faults.ts'
import { container, create, leaveLease, post, processOf, running, watchers } from './requests.ts'
import type { FaultWorld } from './fault-world.ts'

const isNow = (name: string, status: string) => (world: FaultWorld) =>
  expect(container(world, name).status).toBe(status)

const isGone = (name: string) => (world: FaultWorld) =>
  expect(world.engine.context.containers.names).not.toContain(`/${name}`)

await injectFaults({
  name: 'create',
  effects: [
    'files.makeDirectory',
    'files.writeAtomically',
    'files.copyTree',
    'launcher.run mount-fs',
    'launcher.run umount',
    'launcher.stream',
    'content.lease',
  ],
  async scene({ host, files }) {
    host.onMount = (target) => {
      if (!target.endsWith('/merged')) return
      for (const path of ['data', 'part']) files.put(`${target}/${path}/seed`, 'seed')
    }
    await files.makeDirectory('/var/lib/docker/volumes/named/_data/part')
  },
  run: (world) =>
    create(world, 'web', {
      Volumes: { '/data': {}, '/other': {} },
      HostConfig: {
        Binds: ['named:/named'],
        Mounts: [
          { Type: 'image', Source: IMAGE.id, Target: '/image' },
          { Type: 'volume', Source: 'named', Target: '/part', VolumeOptions: { Subpath: 'part' } },
        ],
      },
    }),
  check: isNow('web', 'created'),
})

const SHAREABLE = {
  ExposedPorts: { '80/tcp': {} },
  HostConfig: { IpcMode: 'shareable', PortBindings: { '80/tcp': [{ HostIp: '', HostPort: '8080' }] } },
}

await injectFaults({
  name: 'start',
  effects: [
    'files.write ',
    'files.writeAtomically',
    'launcher.run mount ',
    'launcher.launch shim keep-namespace',
    'launcher.launch shim netlink',
    'launcher.launch shim clone',
    'launcher.launch init',
    'proxy.open',
    'shim.attach',
  ],
  async scene(world) {
    await create(world, 'web', SHAREABLE)
    watchers(world, 'web')
  },
  run: (world) => post(world, '/containers/web/start'),
  check: isNow('web', 'running'),
})

await injectFaults({
  name: 'start in the network of another',
  effects: ['launcher.launch', 'files.writeAtomically'],
  async scene(world) {
    await running(world, 'web', SHAREABLE)
    await create(world, 'side', { HostConfig: { NetworkMode: 'container:web', IpcMode: 'container:web' } })
    watchers(world, 'side')
  },
  run: (world) => post(world, '/containers/side/start'),
  check: isNow('side', 'running'),
})

await injectFaults({
  name: 'start with a prepared namespace and a link',
  effects: ['launcher.launch shim netlink', 'launcher.launch init'],
  async scene(world) {
    await world.fillPool()
    await running(world, 'db')
    await create(world, 'web', { HostConfig: { Links: ['db:db'] } })
  },
  run: (world) => post(world, '/containers/web/start'),
  check: isNow('web', 'running'),
})

await injectFaults({
  name: 'create with a volume that is a mount',
  effects: ['launcher.run mount /var/lib/docker/volumes', 'files.readText /proc/self/mountinfo'],
  async scene(world) {
    await post(world, '/volumes/create', {
      Name: 'ram',
      DriverOpts: { type: 'tmpfs', device: 'tmpfs', o: 'size=1m' },
    })
  },
  run: (world) => create(world, 'web', { HostConfig: { Binds: ['ram:/ram'] } }),
  check: isNow('web', 'created'),
})

for (const [name, path] of [
  ['stop', '/containers/web/stop'],
  ['kill', '/containers/web/kill'],
  ['restart', '/containers/web/restart'],
] as const)
  await injectFaults({
    name,
    effects: ['shim.signal', 'files.writeAtomically', 'launcher.run', 'launcher.forget'],
    async scene(world) {
      await running(world, 'web', SHAREABLE)
      watchers(world, 'web')
    },
    run: (world) => post(world, path),
    // A container that the first try has ended cannot be killed again.
    async again(world) {
      if (name !== 'kill' || container(world, 'web').isRunning) await post(world, path)
    },
    check: isNow('web', name === 'restart' ? 'running' : 'exited'),
  })

await injectFaults({
  name: 'the end of a process',
  effects: ['files.writeAtomically', 'launcher.run', 'launcher.forget'],
  async scene(world) {
    await running(world, 'web', SHAREABLE)
    watchers(world, 'web')
  },
  async run(world) {
    const ended = post(world, '/containers/web/wait')
    processOf(world, 'web').end({ exitCode: 3 })
    expect(await ended).toMatchObject({ StatusCode: 3 })
  },
  check: isNow('web', 'exited'),
})

await injectFaults({
  name: 'the end of a container that removes itself',
  effects: ['files.removeTree', 'content.release', 'shim, the steps after its process'],
  async scene(world) {
    await running(world, 'web', { Volumes: { '/data': {} }, HostConfig: { AutoRemove: true } })
    await leaveLease(world)
    watchers(world, 'web')
  },
  async run(world) {
    const gone = world.call('POST', '/containers/web/wait', undefined, { condition: 'removed' })
    processOf(world, 'web').end()
    const { Error: failure } = (await gone) as { Error?: { Message: string } }
    if (failure) throw new Error(failure.Message)
  },
  again: (world) => world.call('DELETE', '/containers/web', undefined, { force: true, v: true }),
  check: isGone('web'),
})

await injectFaults({
  name: 'a restart by policy',
  effects: ['files.writeAtomically', 'launcher.launch'],
  async scene(world) {
    await running(world, 'web', { HostConfig: { RestartPolicy: { Name: 'always', MaximumRetryCount: 0 } } })
    watchers(world, 'web')
  },
  async run(world) {
    processOf(world, 'web').end({ exitCode: 1 })
    await world.quiet()
    world.clock.advance(1000)
    await world.quiet()
    if (container(world, 'web').status !== 'running') throw new Error('it has not come up again')
  },
  again: (world) => post(world, '/containers/web/start'),
  check: isNow('web', 'running'),
})

await injectFaults({
  name: 'pause',
  effects: ['launcher.run cgroup-freeze', 'files.writeAtomically'],
  async scene(world) {
    await running(world, 'web')
    watchers(world, 'web')
  },
  run: (world) => post(world, '/containers/web/pause'),
  check: isNow('web', 'paused'),
})

await injectFaults({
  name: 'unpause',
  effects: ['launcher.run cgroup-freeze', 'files.writeAtomically'],
  async scene(world) {
    await running(world, 'web')
    await post(world, '/containers/web/pause')
    watchers(world, 'web')
  },
  run: (world) => post(world, '/containers/web/unpause'),
  check(world) {
    isNow('web', 'running')(world)
    expect([...world.host.frozen]).toEqual([])
  },
})
