import dnsPacket from 'dns-packet'
import { beforeEach, describe, expect, test } from 'vitest'
import { EngineError } from '../../../protocol/errors.ts'
import type { EndpointSettings } from '../../../protocol/api/engine-api.ts'
import { MemoryFiles } from '../../testing/memory-files.ts'
import type { Step } from '../../plan/plan.ts'
import { FakeKernel } from '../../testing/fake-kernel.ts'
import { FakeProxy } from '../../testing/fake-proxy.ts'
import { raiseSandbox } from '../../testing/raise-sandbox.ts'
import type { SandboxRequest } from './network-api.ts'
import type { NetworkDeps, NetworkEvent } from './network-deps.ts'
import { createNetworkService, type CreatedNetworkService } from './network-service.ts'

const ID = (digit: string) => digit.repeat(64)
const paths = { dataRoot: '/var/lib/docker', netns: '/run/porthole/netns' }

let kernel: FakeKernel
let proxy: FakeProxy
let files: MemoryFiles
let events: NetworkEvent[]
let reported: EngineError[]
let deps: NetworkDeps
let service: CreatedNetworkService

function makeDeps(): NetworkDeps {
  let counter = 0
  return {
    hostId: '',
    proxy,
    launcher: kernel,
    files,
    paths,
    randomHex: (bytes) =>
      (++counter)
        .toString(16)
        .padStart(7, '0')
        .padEnd(bytes * 2, '0')
        .slice(0, bytes * 2),
    now: () => new Date('2026-01-02T03:04:05Z'),
    onEvent: (event) => events.push(event),
    report: (_, error) => void reported.push(EngineError.from(error)),
    // The pool is filled only when a test asks for it.
    whenIdle: () => undefined,
  }
}

beforeEach(async () => {
  kernel = new FakeKernel()
  proxy = new FakeProxy()
  files = new MemoryFiles({ '/etc/resolv.conf': 'nameserver 10.0.2.3\n' })
  events = []
  reported = []
  deps = makeDeps()
  service = createNetworkService(deps)
  await service.recover([])
  kernel.plans.length = 0
})

const raise = (wanted: SandboxRequest) => raiseSandbox(service, kernel, wanted)

function request(
  id: string,
  name: string,
  networkMode: string,
  more: Partial<SandboxRequest> = {},
): SandboxRequest {
  return {
    containerId: ID(id),
    name,
    hostname: ID(id).slice(0, 12),
    domainname: '',
    networkMode,
    endpoints: {},
    portBindings: {},
    exposedPorts: [],
    publishAllPorts: false,
    dns: [],
    dnsSearch: [],
    dnsOptions: [],
    extraHosts: [],
    ...more,
  }
}

const ON_8080 = ['0.0.0.0', '::'].map((HostIp) => ({ HostIp, HostPort: '8080' }))
const LOCAL =
  '127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\nfe00::\tip6-localnet\n' +
  'ff00::\tip6-mcastprefix\nff02::1\tip6-allnodes\nff02::2\tip6-allrouters\n'
const ops = (steps: readonly Step[]) => steps.map(({ op }) => op)

describe('networks', () => {
  test('bridge, host and none exist from the start and can be neither made nor removed', async () => {
    expect((await service.list({})).map(({ Name, Driver }) => [Name, Driver])).toEqual([
      ['bridge', 'bridge'],
      ['host', 'host'],
      ['none', 'null'],
    ])
    expect(kernel.namesOf('bridge')).toEqual(['docker0'])
    await expect(service.remove('host')).rejects.toMatchObject({
      code: 'forbidden',
      message: 'host is a pre-defined network and cannot be removed',
    })
    await expect(service.create({ Name: 'bridge' })).rejects.toMatchObject({ code: 'forbidden' })
  })

  test('of users get br-<id>, the next subnet and Docker’s JSON', async () => {
    const { Id } = await service.create({ Name: 'web', Labels: { a: 'b' } })
    expect(kernel.namesOf('bridge')).toEqual(['docker0', `br-${Id.slice(0, 12)}`])
    expect(await service.inspect('web')).toEqual({
      Name: 'web',
      Id,
      Created: '2026-01-02T03:04:05.000Z',
      Scope: 'local',
      Driver: 'bridge',
      EnableIPv4: true,
      EnableIPv6: false,
      IPAM: {
        Driver: 'default',
        Options: null,
        Config: [{ Subnet: '172.18.0.0/16', Gateway: '172.18.0.1' }],
      },
      Internal: false,
      Attachable: false,
      Ingress: false,
      ConfigFrom: { Network: '' },
      ConfigOnly: false,
      Containers: {},
      Options: {},
      Labels: { a: 'b' },
    })
  })

  test.each([
    [{ Name: 'web' }, 'conflict', 'network with name web already exists'],
    [
      { Name: 'x', IPAM: { Config: [{ Subnet: '172.18.1.0/24' }] } },
      'forbidden',
      'Pool overlaps with other one',
    ],
    [{ Name: 'x', EnableIPv4: false }, 'invalid', 'IPv4 or IPv6 must be enabled'],
    [
      { Name: 'x', Options: { 'com.docker.network.enable_ipv6': 'yes' } },
      'invalid',
      'driver-opt "com.docker.network.enable_ipv6" is not a valid bool',
    ],
    [{ Name: 'x', Driver: 'weave' }, 'not-found', 'plugin "weave" not found'],
    [{ Name: 'x', Driver: 'host' }, 'forbidden', 'only one instance of "host" network is allowed'],
    [
      { Name: 'x', Driver: 'macvlan', Options: { parent: 'eth7' } },
      'invalid',
      'parent interface eth7 was not found',
    ],
    [{ Name: ' ' }, 'invalid', 'name is empty'],
  ])('that cannot be are refused: %j', async (wanted, code, message) => {
    await service.create({ Name: 'web' })
    const before = (await service.list({})).length
    await expect(service.create(wanted)).rejects.toMatchObject({
      code,
      message: expect.stringContaining(message),
    })
    expect(await service.list({})).toHaveLength(before)
  })

  test('whose bridge cannot be made leave nothing behind', async () => {
    kernel.failOn = (step) => step.op === 'write-file'
    await expect(service.create({ Name: 'web' })).rejects.toThrow('operation not permitted')
    expect(kernel.namesOf('bridge')).toEqual(['docker0'])
    await expect(service.inspect('web')).rejects.toMatchObject({
      code: 'not-found',
      message: 'network web not found',
    })
    await service.create({ Name: 'web' })
  })

  test.each<Record<string, string>>([
    { 'com.docker.network.bridge.gateway_mode_ipv4': 'isolated' },
    { 'com.docker.network.bridge.inhibit_ipv4': 'true' },
  ])('of two addresses have none for a gateway, nor the bridge one: %j', async (Options) => {
    const config = [{ Subnet: '192.168.135.0/31' }]
    await service.create({ Name: 'pair', Internal: true, Options, IPAM: { Config: config } })
    expect((await service.inspect('pair')).IPAM.Config).toEqual(config)
    for (const [id, address] of [
      ['a', '192.168.135.0'],
      ['b', '192.168.135.1'],
    ] as const) {
      await raise(request(id, id, 'pair'))
      expect((await service.inspect('pair')).Containers).toMatchObject({
        [ID(id)]: { IPv4Address: `${address}/31` },
      })
    }
  })

  test('that others reach are not isolated, and a mode is one of four', async () => {
    const options = (mode: string) => ({ Options: { 'com.docker.network.bridge.gateway_mode_ipv4': mode } })
    await expect(service.create({ Name: 'web', ...options('isolated') })).rejects.toThrow(
      "gateway mode 'isolated' can only be used for an internal network",
    )
    await expect(service.create({ Name: 'web', ...options('none') })).rejects.toMatchObject({
      code: 'invalid',
      message:
        'failed to parse com.docker.network.bridge.gateway_mode_ipv4 value: none (unknown gateway mode none)',
    })
  })

  test('made at once get different subnets', async () => {
    await Promise.all(['a', 'b', 'c'].map((Name) => service.create({ Name })))
    const subnets = (await service.list({ type: ['custom'] })).map(({ IPAM }) => IPAM.Config![0]!.Subnet)
    expect(new Set(subnets).size).toBe(3)
  })

  test('in use are neither removed nor pruned', async () => {
    const { Id } = await service.create({ Name: 'web' })
    await service.create({ Name: 'idle' })
    await raise(request('1', 'one', 'web'))
    await expect(service.remove('web')).rejects.toMatchObject({
      code: 'forbidden',
      message: expect.stringMatching(
        /^error while removing network: network web has active endpoints \(name:"one" id:"[0-9a-f]{12}"\)$/,
      ) as string,
    })
    expect(await service.prune({})).toEqual(['idle'])
    await service.tearDown(ID('1'))
    await service.remove(Id.slice(0, 9))
    expect(kernel.namesOf('bridge')).toEqual(['docker0'])
    expect(events.filter(({ action }) => action === 'destroy').map(({ networkName }) => networkName)).toEqual(
      ['idle', 'web'],
    )
  })

  test('are filtered by driver, name, id, label, type and dangling', async () => {
    const { Id } = await service.create({ Name: 'web', Labels: { tier: 'front' } })
    const names = async (filters: Record<string, string[]>) =>
      (await service.list(filters)).map(({ Name }) => Name)
    expect(await names({ driver: ['host', 'null'] })).toEqual(['host', 'none'])
    expect(await names({ name: ['we'] })).toEqual(['web'])
    expect(await names({ id: [Id.slice(0, 12)] })).toEqual(['web'])
    expect(await names({ label: ['tier=front'] })).toEqual(['web'])
    expect(await names({ label: ['tier=back'] })).toEqual([])
    expect(await names({ type: ['builtin'] })).toEqual(['bridge', 'host', 'none'])
    expect(await names({ dangling: ['true'] })).toEqual(['web'])
    await expect(names({ colour: ['red'] })).rejects.toThrow("invalid filter 'colour'")
  })
})

describe('a sandbox', () => {
  test('is one list of steps: namespace, link, address, route, bridge, ports', async () => {
    const portBindings = { '80/tcp': [{ HostIp: '', HostPort: '8080' }] }
    const sandbox = await raise(request('1', 'one', 'default', { portBindings }))
    expect(kernel.plans).toHaveLength(1)
    expect(ops(kernel.plans[0]!.steps)).toEqual([
      ...['unshare', 'keep-namespace', 'netlink', 'write-file', 'netlink'],
      ...['setns', 'netlink', 'netlink'],
      ...['setns', 'netlink', 'setns'],
    ])
    expect(sandbox.netnsPath).toMatch(/^\/run\/porthole\/netns\/[0-9a-f]{12}$/)
    expect(sandbox.settings).toMatchObject({
      SandboxKey: sandbox.netnsPath,
      IPAddress: '172.17.0.2',
      Gateway: '172.17.0.1',
      MacAddress: expect.stringMatching(/^[0-9a-f][26ae](:[0-9a-f]{2}){5}$/),
      Ports: { '80/tcp': ON_8080 },
      Networks: { bridge: { IPAddress: '172.17.0.2', IPPrefixLen: 16, DNSNames: null } },
    })
    expect(sandbox.hosts).toBe(`${LOCAL}172.17.0.2\t111111111111\n`)
    expect(sandbox.resolvConf).toContain('nameserver 10.0.2.3')
  })

  test('from the pool makes neither namespace nor link', async () => {
    deps.whenIdle = (work) => queueMicrotask(work)
    service = createNetworkService(deps)
    await service.recover([])
    await service.poolFilled()
    const veths = kernel.namesOf('veth')
    expect(veths).toHaveLength(2)
    kernel.plans.length = 0
    await raise(request('1', 'one', 'bridge'))
    const [plan] = kernel.plans.filter(({ steps }) => steps[0]!.op === 'setns')
    expect(ops(plan!.steps)).toEqual([
      ...['setns', 'netlink', 'setns', 'netlink'],
      ...['setns', 'netlink', 'setns'],
    ])
    await service.tearDown(ID('1'))
    expect(kernel.namesOf('veth')).not.toContain(veths[0])
  })

  test('that fails half-way leaves no address, port, link or record', async () => {
    const portBindings = { '80/tcp': [{ HostIp: '', HostPort: '8080' }] }
    kernel.failOn = (step) => step.op === 'netlink' && step.protocol === 12
    await expect(raise(request('1', 'one', 'bridge', { portBindings }))).rejects.toThrow('not permitted')
    expect(kernel.namesOf('veth')).toEqual([])
    expect(service.settings(ID('1'))).toBeUndefined()
    expect(await files.list('/var/lib/docker/network/sandboxes')).toEqual([])
    const again = await raise(request('2', 'two', 'bridge', { portBindings }))
    expect(again.settings.IPAddress).toBe('172.17.0.2')
  })

  test('whose port is taken names the endpoint, as Docker does', async () => {
    const portBindings = { '80/tcp': [{ HostIp: '', HostPort: '8080' }] }
    await raise(request('1', 'one', 'bridge', { portBindings }))
    await expect(raise(request('2', 'two', 'bridge', { portBindings }))).rejects.toThrow(
      /^failed to set up container networking: driver failed programming external connectivity on endpoint two \([0-9a-f]{64}\): Bind for 0\.0\.0\.0:8080 failed: port is already allocated$/,
    )
    await service.tearDown(ID('1'))
    await raise(request('2', 'two', 'bridge', { portBindings }))
  })

  test('set up at the same time as others has an address of its own', async () => {
    const all = await Promise.all(['1', '2', '3', '4'].map((id) => raise(request(id, `c${id}`, 'bridge'))))
    const addresses = all.map(({ settings }) => settings.IPAddress)
    expect(addresses).toEqual(['172.17.0.2', '172.17.0.3', '172.17.0.4', '172.17.0.5'])
  })

  test('in host mode has no namespace, with none only a loopback, with container:<id> the other’s', async () => {
    const host = await raise(request('1', 'one', 'host'))
    expect(host.netnsPath).toBeUndefined()
    expect(kernel.plans).toEqual([])
    const none = await raise(request('2', 'two', 'none'))
    expect(none.settings.Networks).toMatchObject({ none: { IPAddress: '' } })
    expect(none.hosts).toBe(LOCAL)
    const other = await raise(request('3', 'three', 'bridge'))
    const joined = await raise(request('4', 'four', `container:${ID('3')}`))
    expect(joined).toMatchObject({ netnsPath: other.netnsPath, hosts: other.hosts, setUp: [] })
    await expect(raise(request('5', 'five', `container:${ID('9')}`))).rejects.toThrow('non running container')
  })

  test.each([
    ['its plan is asked for nothing more', async () => undefined, 0],
    [
      'what was connected since is taken down',
      async () => {
        await service.create({ Name: 'web' })
        await service.connect('web', request('1', 'one', 'bridge'), {}, true)
      },
      1,
    ],
  ])('is taken down by the shim: %s', async (_, change, plans) => {
    const { tearDown } = await raise(request('1', 'one', 'bridge'))
    await change()
    await kernel.run({ steps: tearDown })
    kernel.plans.length = 0
    await service.tearDown(ID('1'), true)
    expect(kernel.plans).toHaveLength(plans)
    expect(kernel.namesOf('veth')).toEqual([])
    expect(service.settings(ID('1'))).toBeUndefined()
  })

  test('is torn down once, however often it is asked', async () => {
    await raise(request('1', 'one', 'bridge'))
    await service.tearDown(ID('1'))
    await service.tearDown(ID('1'))
    expect(kernel.namesOf('veth')).toEqual([])
    expect(events.map(({ action, networkName }) => [action, networkName])).toEqual([
      ['connect', 'bridge'],
      ['disconnect', 'bridge'],
    ])
  })
})

describe('static addresses', () => {
  const withAddress = (IPv4Address: string): EndpointSettings => ({ IPAMConfig: { IPv4Address } })

  test('are for networks with a subnet of the user’s', async () => {
    await service.create({ Name: 'auto' })
    await service.create({ Name: 'own', IPAM: { Config: [{ Subnet: '10.5.0.0/24' }] } })
    const at = (id: string, network: string, address: string) =>
      raise(request(id, id, network, { endpoints: { [network]: withAddress(address) } }))
    expect((await at('1', 'own', '10.5.0.77')).settings.Networks['own']!.IPAddress).toBe('10.5.0.77')
    await expect(at('2', 'own', '10.5.0.77')).rejects.toThrow('Address already in use')
    await expect(at('2', 'own', '10.6.0.1')).rejects.toThrow(
      'no configured subnet or ip-range contain the IP address 10.6.0.1',
    )
    await expect(at('2', 'auto', '172.18.0.9')).rejects.toThrow(
      'user specified IP address is supported only when connecting to networks with user configured subnets',
    )
    await expect(at('2', 'bridge', '172.17.0.9')).rejects.toThrow(
      'user specified IP address is supported on user defined networks only',
    )
  })
})

describe('connecting a running container', () => {
  beforeEach(async () => {
    await service.create({ Name: 'aaa' })
    await service.create({ Name: 'inside', Internal: true })
  })

  test('gives it eth1, the default route by name, and moves its ports', async () => {
    const portBindings = { '80/tcp': [{ HostIp: '', HostPort: '8080' }] }
    const one = request('1', 'one', 'bridge', { portBindings })
    await raise(one)
    kernel.plans.length = 0
    await service.connect('aaa', one, { Aliases: ['web'] }, true)
    // The steps go to the container's namespace, to its veth, move its ports to the other network, and announce its
    // address.
    expect(ops(kernel.plans[0]!.steps)).toEqual([
      ...['setns', 'netlink', 'write-file', 'netlink'],
      ...['setns', 'netlink', 'netlink', 'netlink'],
      ...['setns', 'netlink'],
    ])
    expect(Object.keys(service.settings(ID('1'))!.Networks)).toEqual(['bridge', 'aaa'])
    expect(service.hosts(ID('1'))).toContain('172.18.0.2\t111111111111\n')
    await service.disconnect('aaa', ID('1'), false)
    expect(Object.keys(service.settings(ID('1'))!.Networks)).toEqual(['bridge'])
    expect(service.settings(ID('1'))!.Ports).toEqual({ '80/tcp': ON_8080 })
  })

  test('to an internal network publishes nothing there', async () => {
    const portBindings = { '80/tcp': [{ HostIp: '', HostPort: '8080' }] }
    await raise(request('1', 'one', 'inside', { portBindings }))
    expect(service.settings(ID('1'))!.Ports).toEqual({})
    expect(service.settings(ID('1'))!.Networks['inside']!.Gateway).toBe('')
  })

  test('that is there already, or shares another’s namespace, is refused', async () => {
    const one = request('1', 'one', 'aaa')
    await raise(one)
    await expect(service.connect('aaa', one, {}, true)).rejects.toMatchObject({
      code: 'forbidden',
      message: 'endpoint with name one already exists in network aaa',
    })
    await expect(service.connect('aaa', request('2', 'two', 'host'), {}, true)).rejects.toThrow(
      'container sharing network namespace with another container or host cannot be connected to any other network',
    )
    await expect(service.connect('host', one, {}, true)).rejects.toThrow(
      'container must be created in host network mode',
    )
    await expect(service.disconnect('inside', ID('1'), false)).rejects.toMatchObject({
      code: 'internal',
      message: `container ${ID('1')} is not connected to network inside`,
    })
  })

  test('that fails leaves it as it was', async () => {
    const one = request('1', 'one', 'bridge')
    await raise(one)
    kernel.failOn = (step) => step.op === 'netlink'
    await expect(service.connect('aaa', one, {}, true)).rejects.toThrow('not permitted')
    expect(Object.keys(service.settings(ID('1'))!.Networks)).toEqual(['bridge'])
    await service.connect('aaa', one, {}, true)
  })
})

describe('names', () => {
  const ask = async (id: string, name: string, type: 'A' | 'AAAA' | 'PTR' = 'A') => {
    const query = dnsPacket.encode({ type: 'query', id: 1, flags: 256, questions: [{ type, name }] })
    return dnsPacket.decode(
      Buffer.from(await service.resolve(ID(id), new Uint8Array(query))),
    ) as dnsPacket.DecodedPacket & {
      rcode: string
    }
  }
  const data = async (id: string, name: string, type: 'A' | 'AAAA' | 'PTR' = 'A') =>
    (await ask(id, name, type)).answers!.map((answer) => 'data' in answer && answer.data)

  beforeEach(async () => {
    await service.create({ Name: 'net1' })
    await service.create({ Name: 'net2' })
    await raise(request('1', 'one', 'net1'))
    const endpoints = { net1: { Aliases: ['pair'] } }
    await raise(request('2', 'two', 'net1', { endpoints }))
    await raise(request('3', 'three', 'net1', { endpoints }))
    await raise(request('4', 'four', 'net2'))
  })

  test('are those of the container’s networks: name, alias, short id, with the network’s name, and back', async () => {
    expect(await data('1', 'two')).toEqual(['172.18.0.3'])
    expect(await data('1', 'TWO.net1')).toEqual(['172.18.0.3'])
    expect(await data('1', '222222222222')).toEqual(['172.18.0.3'])
    expect(await data('1', '3.0.18.172.in-addr.arpa', 'PTR')).toEqual(['two.net1'])
    expect((await ask('4', 'two')).rcode).toBe('SERVFAIL')
  })

  test('that several have are answered in turn', async () => {
    expect(await data('1', 'pair')).toEqual(['172.18.0.3', '172.18.0.4'])
    expect(await data('1', 'pair')).toEqual(['172.18.0.4', '172.18.0.3'])
  })

  test('that several have are answered in turn to those who ask for both families', async () => {
    expect(await data('1', 'pair')).toEqual(['172.18.0.3', '172.18.0.4'])
    expect(await data('1', 'pair', 'AAAA')).toEqual([])
    expect(await data('1', 'pair')).toEqual(['172.18.0.4', '172.18.0.3'])
  })

  test('follow a rename and go with the container', async () => {
    await service.rename(ID('2'), 'deux')
    expect(await data('1', 'deux')).toEqual(['172.18.0.3'])
    expect((await ask('1', 'two')).rcode).toBe('SERVFAIL')
    await service.tearDown(ID('2'))
    expect((await ask('1', 'deux')).rcode).toBe('SERVFAIL')
  })

  test('of others are asked of the guest’s servers in turn, and not from internal networks', async () => {
    const asked: string[] = []
    deps.forwardDns = async (query, server) => {
      asked.push(server)
      if (server === '10.0.2.3') throw new Error('unreachable')
      const answer = query.slice()
      answer[2]! |= 0x80
      return answer
    }
    files.put('/etc/resolv.conf', 'nameserver 10.0.2.3\nnameserver 10.0.2.4\n')
    expect((await ask('1', 'example.org')).rcode).toBe('NOERROR')
    expect(asked).toEqual(['10.0.2.3', '10.0.2.4'])
    await service.create({ Name: 'inside', Internal: true })
    await raise(request('5', 'five', 'inside'))
    expect((await ask('5', 'example.org')).rcode).toBe('SERVFAIL')
    expect(asked).toHaveLength(2)
  })

  test('of --link are for the container that has it alone', async () => {
    await raise(request('6', 'six', 'net1', { endpoints: { net1: { Links: ['two:db'] } } }))
    expect(await data('6', 'db')).toEqual(['172.18.0.3'])
    expect((await ask('1', 'db')).rcode).toBe('SERVFAIL')
  })
})

describe('after a restart of the engine', () => {
  test('live containers keep all they had, and what belongs to none is removed', async () => {
    await service.create({ Name: 'web' })
    const portBindings = { '80/tcp': [{ HostIp: '', HostPort: '8080' }] }
    const live = await raise(request('1', 'one', 'web', { portBindings }))
    await raise(request('2', 'two', 'web'))
    kernel.links.set('vethabcdef0', 'veth')
    kernel.links.set('br-0123456789ab', 'bridge')
    kernel.links.set('vethnotours', 'veth')
    files.put('/run/porthole/netns/0123456789ab', '')
    const before = service.settings(ID('1'))

    const next = createNetworkService(deps)
    kernel.plans.length = 0
    await next.recover([ID('1')])
    expect(next.settings(ID('1'))).toEqual(before)
    expect(next.settings(ID('2'))).toBeUndefined()
    expect(kernel.namesOf('veth')).toHaveLength(2)
    expect(kernel.namesOf('veth')).toContain('vethnotours')
    expect(kernel.namesOf('bridge')).toHaveLength(2)
    const unmounted = kernel.plans.flatMap(({ steps }) => steps).filter(({ op }) => op === 'umount')
    expect(unmounted).toMatchObject([{ path: '/run/porthole/netns/0123456789ab' }])
    await expect(next.setUp(request('3', 'three', 'web', { portBindings }))).rejects.toThrow(
      'already allocated',
    )
    expect(live.netnsPath).toBe(before!.SandboxKey)
  })

  test('twice in a row nothing changes', async () => {
    await service.create({ Name: 'web' })
    const links = [...kernel.links]
    const before = await service.list({})
    await service.recover([])
    expect([...kernel.links]).toEqual(links)
    expect(await service.list({})).toEqual(before)
  })

  test('a record that cannot be read is named, and costs that one network', async () => {
    await service.create({ Name: 'web' })
    files.put('/var/lib/docker/network/networks/bad.json', '{')
    const next = createNetworkService(deps)
    await next.recover([])
    expect(reported).toMatchObject([
      {
        code: 'corrupt',
        message: expect.stringContaining('/var/lib/docker/network/networks/bad.json'),
      },
    ])
    expect((await next.inspect('web')).Name).toBe('web')
  })
})
