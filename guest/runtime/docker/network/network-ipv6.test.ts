/** Networks that have IPv6, alone or beside IPv4. */
import dnsPacket from 'dns-packet'
import { beforeEach, describe, expect, test } from 'vitest'
import type { EndpointSettings, NetworkCreateRequest } from '../../../protocol/api/engine-api.ts'
import { FakeKernel } from '../../testing/fake-kernel.ts'
import { FakeProxy } from '../../testing/fake-proxy.ts'
import { raiseSandbox } from '../../testing/raise-sandbox.ts'
import { MemoryFiles } from '../../testing/memory-files.ts'
import type { SandboxRequest } from './network-api.ts'
import { createNetworkService, type CreatedNetworkService } from './network-service.ts'

const ID = (digit: string) => digit.repeat(64)
/** The /48 that dockerd chooses on a host whose id is empty. */
const BLOCK = 'fd42:98fc:1c14'

let kernel: FakeKernel
let proxy: FakeProxy
let files: MemoryFiles
let service: CreatedNetworkService

async function start(live: string[] = []): Promise<void> {
  let counter = 0
  service = createNetworkService({
    hostId: '',
    proxy,
    launcher: kernel,
    files,
    paths: { dataRoot: '/var/lib/docker', netns: '/run/porthole/netns' },
    randomHex: (bytes) =>
      (++counter)
        .toString(16)
        .padStart(7, '0')
        .padEnd(2 * bytes, '0')
        .slice(0, 2 * bytes),
    now: () => new Date('2026-01-02T03:04:05Z'),
    whenIdle: () => undefined,
    report: (_, error) => expect.fail(String(error)),
  })
  await service.recover(live)
  kernel.plans.length = 0
}

beforeEach(async () => {
  kernel = new FakeKernel()
  proxy = new FakeProxy()
  files = new MemoryFiles({ '/etc/resolv.conf': 'nameserver 10.0.2.3\n' })
  await start()
})

const raise = (wanted: SandboxRequest) => raiseSandbox(service, kernel, wanted)

function request(id: string, networkMode: string, more: Partial<SandboxRequest> = {}): SandboxRequest {
  return {
    ...{ containerId: ID(id), name: `c${id}`, hostname: `host${id}`, domainname: '', networkMode },
    ...{ endpoints: {}, portBindings: {}, exposedPorts: [], publishAllPorts: false },
    ...{ dns: [], dnsSearch: [], dnsOptions: [], extraHosts: [] },
    ...more,
  }
}

const PORT_8080 = { '80/tcp': [{ HostIp: '', HostPort: '8080' }] }
const shown = (ports: object) => JSON.stringify(ports).replaceAll('"', '')
const written = () =>
  kernel.plans
    .flatMap(({ steps }) => steps)
    .flatMap((step) =>
      step.op === 'write-file' ? [`${step.path}=${new TextDecoder().decode(step.data)}`] : [],
    )

describe('a network with --ipv6', () => {
  test('has a /64 of the guest’s own block and shows it', async () => {
    await service.create({ Name: 'six', EnableIPv6: true })
    await service.create({ Name: 'more', EnableIPv6: true })
    expect(await service.inspect('six')).toMatchObject({
      EnableIPv4: true,
      EnableIPv6: true,
      IPAM: {
        Config: [
          { Subnet: '172.18.0.0/16', Gateway: '172.18.0.1' },
          { Subnet: `${BLOCK}::/64`, Gateway: `${BLOCK}::1` },
        ],
      },
    })
    expect((await service.inspect('more')).IPAM.Config![1]).toMatchObject({ Subnet: `${BLOCK}:1::/64` })
  })

  test('may be asked for by a driver option, and have IPv6 alone', async () => {
    const Options = { 'com.docker.network.enable_ipv4': '0', 'com.docker.network.enable_ipv6': 'true' }
    await service.create({ Name: 'six', Options })
    expect(await service.inspect('six')).toMatchObject({
      EnableIPv4: false,
      EnableIPv6: true,
      IPAM: { Config: [{ Subnet: `${BLOCK}::/64` }] },
    })
    const { settings, hosts } = await raise(request('1', 'six'))
    expect(settings.Networks['six']).toMatchObject({ IPAddress: '', GlobalIPv6Address: `${BLOCK}::2` })
    expect(hosts).toContain(`\n${BLOCK}::2\thost1\n`)
  })

  test('may have a subnet of each family, but not two of one', async () => {
    const create = (EnableIPv6: boolean, ...subnets: string[]) => {
      const Config = subnets.map((Subnet) => ({ Subnet }))
      return service.create({ Name: 'own', EnableIPv6, IPAM: { Config } } satisfies NetworkCreateRequest)
    }
    await expect(create(true, '2001:db8::/64', '2001:db8:1::/64')).rejects.toThrow(
      "bridge driver doesn't support multiple subnets",
    )
    await expect(create(true, '2001:db8::1/64')).rejects.toThrow('it should be 2001:db8::/64')
    await create(true, '2001:db8::/64', '10.5.0.0/24')
    expect((await service.inspect('own')).IPAM.Config).toEqual([
      { Subnet: '10.5.0.0/24', Gateway: '10.5.0.1' },
      { Subnet: '2001:db8::/64', Gateway: '2001:db8::1' },
    ])
    await service.remove('own')
    // As in dockerd, without --ipv6 the subnet is kept, shown and unused.
    await create(false, '2001:db8::/64')
    expect(await service.inspect('own')).toMatchObject({
      EnableIPv6: false,
      IPAM: { Config: [{ Subnet: '172.18.0.0/16' }, { Subnet: '2001:db8::/64' }] },
    })
  })

  test('gives IPv6 to its bridge, to its containers’ interfaces, and to no others', async () => {
    const { Id } = await service.create({ Name: 'six', EnableIPv6: true })
    expect(written()).toContain(`/proc/sys/net/ipv6/conf/br-${Id.slice(0, 12)}/disable_ipv6=0`)
    kernel.plans.length = 0
    await raise(request('1', 'six'))
    expect(written()).toContain('/proc/sys/net/ipv6/conf/eth0/disable_ipv6=0')
    kernel.plans.length = 0
    await raise(request('2', 'bridge'))
    expect(written()).toEqual(['/proc/sys/net/ipv6/conf/eth0/disable_ipv6=1'])
  })
})

describe('a container', () => {
  const at = (IPv6Address: string): EndpointSettings => ({ IPAMConfig: { IPv6Address } })

  beforeEach(async () => {
    await service.create({ Name: 'auto', EnableIPv6: true })
    const Config = [{ Subnet: 'fd00:1::/64' }]
    await service.create({ Name: 'own', EnableIPv6: true, IPAM: { Config } })
  })

  test('has addresses and gateways of both families', async () => {
    const { settings, hosts } = await raise(request('1', 'auto'))
    expect(settings.Networks['auto']).toMatchObject({
      ...{ IPAddress: '172.18.0.2', IPPrefixLen: 16, Gateway: '172.18.0.1' },
      ...{ GlobalIPv6Address: `${BLOCK}::2`, GlobalIPv6PrefixLen: 64, IPv6Gateway: `${BLOCK}::1` },
    })
    expect(hosts).toContain(`172.18.0.2\thost1\n${BLOCK}::2\thost1\n`)
    expect((await service.inspect('auto')).Containers![ID('1')]).toMatchObject({
      IPv4Address: '172.18.0.2/16',
      IPv6Address: `${BLOCK}::2/64`,
    })
  })

  test('may ask for its address where the subnet was asked for', async () => {
    const setUp = (id: string, network: string, address: string) =>
      raise(request(id, network, { endpoints: { [network]: at(address) } }))
    const { settings } = await setUp('1', 'own', 'FD00:1:0::0:77')
    expect(settings.Networks['own']!.GlobalIPv6Address).toBe('fd00:1::77')
    await expect(setUp('2', 'own', 'fd00:1::77')).rejects.toThrow('Address already in use')
    await expect(setUp('2', 'own', 'fd00:2::1')).rejects.toThrow(
      'no configured subnet or ip-range contain the IP address fd00:2::1',
    )
    await expect(setUp('2', 'own', '::')).rejects.toThrow('invalid IPv6 address: ::')
    await expect(setUp('2', 'own', '10.0.0.1')).rejects.toThrow('invalid IPv6 address: 10.0.0.1')
    await expect(setUp('2', 'auto', `${BLOCK}::9`)).rejects.toThrow('networks with user configured subnets')
    await expect(setUp('2', 'bridge', 'fd00:1::9')).rejects.toThrow('on user defined networks only')
  })

  test('is found by AAAA and by its address', async () => {
    await raise(request('1', 'auto'))
    await raise(request('2', 'auto'))
    const ask = async (name: string, type: 'AAAA' | 'PTR') => {
      const query = dnsPacket.encode({ type: 'query', id: 1, flags: 256, questions: [{ type, name }] })
      const answer = dnsPacket.decode(Buffer.from(await service.resolve(ID('1'), new Uint8Array(query))))
      return answer.answers!.map((one) => 'data' in one && one.data)
    }
    expect(await ask('c2', 'AAAA')).toEqual([`${BLOCK}::3`])
    const nibbles = '4.1.c.1.c.f.8.9.2.4.d.f'
    expect(await ask(`3.${'0.'.repeat(19)}${nibbles}.ip6.arpa`, 'PTR')).toEqual(['c2.auto'])
  })
})

describe('published ports', () => {
  const ON_BOTH = '{80/tcp:[{HostIp:0.0.0.0,HostPort:8080},{HostIp:::,HostPort:8080}]}'

  test('of an IPv4 container are on [::] by proxy, until it ends', async () => {
    const { settings } = await raise(request('1', 'bridge', { portBindings: PORT_8080 }))
    expect(shown(settings.Ports)).toBe(ON_BOTH)
    expect([...proxy.listening]).toEqual(['[::]:8080 172.17.0.2:80/tcp'])
    await service.tearDown(ID('1'))
    expect(proxy.listening.size).toBe(0)
  })

  test('of a container with both families lead to its IPv6 address; the proxy has ::1', async () => {
    await service.create({ Name: 'six', EnableIPv6: true })
    const { settings } = await raise(request('1', 'six', { portBindings: PORT_8080 }))
    expect(shown(settings.Ports)).toBe(ON_BOTH)
    expect([...proxy.listening]).toEqual([`[::]:8080 ${BLOCK}::2:80/tcp`])
  })

  test('of an address that another link has need no proxy', async () => {
    await service.create({ Name: 'six', EnableIPv6: true })
    const at = (HostIp: string) => ({ portBindings: { '80/tcp': [{ HostIp, HostPort: '8080' }] } })
    await raise(request('1', 'six', at(`${BLOCK}::1`)))
    expect(proxy.listening.size).toBe(0)
    await raise(request('2', 'six', at('::1')))
    expect([...proxy.listening]).toEqual([`[::1]:8080 ${BLOCK}::3:80/tcp`])
  })

  test('of a container with IPv6 alone are on [::] alone', async () => {
    await service.create({ Name: 'six', EnableIPv4: false, EnableIPv6: true })
    const { settings } = await raise(request('1', 'six', { portBindings: PORT_8080 }))
    expect(shown(settings.Ports)).toBe('{80/tcp:[{HostIp:::,HostPort:8080}]}')
  })

  test('lead to the IPv6 address that the container gets later, and back', async () => {
    await service.create({ Name: 'six', EnableIPv6: true })
    const one = request('1', 'bridge', { portBindings: PORT_8080 })
    await raise(one)
    await service.connect('six', one, {}, true)
    expect([...proxy.listening]).toEqual([`[::]:8080 ${BLOCK}::2:80/tcp`])
    await service.disconnect('six', ID('1'), false)
    expect([...proxy.listening]).toEqual(['[::]:8080 172.17.0.2:80/tcp'])
  })

  test('that a process of the guest has are refused as Docker does, and nothing is left', async () => {
    proxy.taken.add(8080)
    await expect(raise(request('1', 'bridge', { portBindings: PORT_8080 }))).rejects.toThrow(
      /^failed to set up container networking: driver failed programming external connectivity on endpoint c1 \([0-9a-f]{64}\): failed to bind host port for /,
    )
    expect(kernel.namesOf('veth')).toEqual([])
    expect(service.settings(ID('1'))).toBeUndefined()
  })

  test('are listened for again after a restart of the engine', async () => {
    await raise(request('1', 'bridge', { portBindings: PORT_8080 }))
    proxy = new FakeProxy()
    await start([ID('1')])
    expect([...proxy.listening]).toEqual(['[::]:8080 172.17.0.2:80/tcp'])
  })
})

test('the default route of each family goes through the network that has it; one with both wins', async () => {
  await service.create({ Name: 'aaa' })
  await service.create({ Name: 'mmm', EnableIPv4: false, EnableIPv6: true })
  await service.create({ Name: 'zzz', EnableIPv6: true })
  const one = request('1', 'aaa', { portBindings: PORT_8080, endpoints: { aaa: {}, mmm: {} } })
  await raise(one)
  expect([...proxy.listening]).toEqual([`[::]:8080 ${BLOCK}::2:80/tcp`])
  await service.connect('zzz', one, {}, true)
  expect(shown(service.settings(ID('1'))!.Ports)).toContain('HostIp:::,')
  await service.disconnect('mmm', ID('1'), false)
  await service.disconnect('zzz', ID('1'), false)
  expect([...proxy.listening]).toEqual(['[::]:8080 172.18.0.2:80/tcp'])
})
