import type Docker from 'dockerode'
import { describe, expect, test } from 'vitest'
import { refusal, unique, type DockerBench } from '../../support/docker-bench.ts'

type Options = Partial<Docker.NetworkCreateOptions>

const pool = (config: Record<string, unknown>): Options => ({
  IPAM: { Driver: 'default', Config: [config as Record<string, string>] },
})

export function describeNetworks(bench: DockerBench): void {
  describeCreation(bench)
  describeNetworkRefusals(bench)
}

function describeCreation(bench: DockerBench): void {
  const KEPT: [string, Options, object][] = [
    [
      'defaults',
      {},
      {
        Driver: 'bridge',
        Scope: 'local',
        EnableIPv4: true,
        EnableIPv6: false,
        Internal: false,
        Attachable: false,
        Ingress: false,
        ConfigOnly: false,
        Containers: {},
        Options: {},
        Labels: {},
      },
    ],
    ['labels', { Labels: { a: '1', 'b.c': '' } }, { Labels: { a: '1', 'b.c': '' } }],
    ['that it is internal', { Internal: true }, { Internal: true }],
    ['that it is attachable', { Attachable: true }, { Attachable: true }],
    [
      'options of the driver',
      { Options: { 'com.docker.network.driver.mtu': '1400' } },
      { Options: { 'com.docker.network.driver.mtu': '1400' } },
    ],
    [
      'a subnet, and its first address as the gateway',
      pool({ Subnet: '10.77.0.0/24' }),
      { IPAM: { Driver: 'default', Config: [{ Subnet: '10.77.0.0/24', Gateway: '10.77.0.1' }] } },
    ],
    [
      'a gateway',
      pool({ Subnet: '10.77.1.0/24', Gateway: '10.77.1.254' }),
      { IPAM: { Driver: 'default', Config: [{ Subnet: '10.77.1.0/24', Gateway: '10.77.1.254' }] } },
    ],
    [
      'a range and reserved addresses',
      pool({ Subnet: '10.77.2.0/24', IPRange: '10.77.2.128/25', AuxiliaryAddresses: { nas: '10.77.2.129' } }),
      {
        IPAM: {
          Config: [
            {
              Subnet: '10.77.2.0/24',
              IPRange: '10.77.2.128/25',
              Gateway: '10.77.2.128',
              AuxiliaryAddresses: { nas: '10.77.2.129' },
            },
          ],
        },
      },
    ],
    [
      'options of the address manager',
      { IPAM: { Driver: 'default', Options: { a: 'b' } } },
      { IPAM: { Options: { a: 'b' } } },
    ],
    ['the driver macvlan', { Driver: 'macvlan' }, { Driver: 'macvlan' }],
    [
      'the driver ipvlan',
      { Driver: 'ipvlan', Options: { ipvlan_mode: 'l3' } },
      { Driver: 'ipvlan', Options: { ipvlan_mode: 'l3' } },
    ],
  ]

  describe('creation of a network keeps', () => {
    test.each(KEPT)('%s', async (_what, options, shown) => {
      const network = await bench.network(options)
      const details = (await network.inspect()) as Docker.NetworkInspectInfo
      expect(details).toMatchObject(shown)
    })

    test('its name, and gives an id of 64 digits and a time', async () => {
      const Name = unique('named')
      const { id } = await bench.network({ Name })
      const details = (await bench.docker.getNetwork(Name).inspect()) as Docker.NetworkInspectInfo
      expect([details.Id, details.Name]).toEqual([id, Name])
      expect(id).toMatch(/^[0-9a-f]{64}$/)
      expect(details.Created).toMatch(/^20\d\d-/)
    })

    test('apart the subnets of two that ask for none', async () => {
      const subnet = async () => {
        const { IPAM } = (await (await bench.network()).inspect()) as Docker.NetworkInspectInfo
        return IPAM!.Config![0]!['Subnet']
      }
      const [one, other] = [await subnet(), await subnet()]
      expect(one).not.toBe(other)
      // The pools of dockerd: 172.17.0.0/16 up to 172.31.0.0/16, then parts of 192.168.0.0/16.
      for (const text of [one, other]) expect(text).toMatch(/^172\.(1[89]|2\d|3[01])\.0\.0\/16$/)
    })
  })
}

function describeNetworkRefusals(bench: DockerBench): void {
  const REFUSED: [string, Options, number, string][] = [
    ['no name', { Name: '' }, 400, 'invalid name: name is empty'],
    [
      'the name of a network that Docker has',
      { Name: 'bridge' },
      403,
      'operation is not permitted on predefined bridge network',
    ],
    ['an unknown driver', { Driver: 'nope' }, 404, 'plugin "nope" not found'],
    ['a second host network', { Driver: 'host' }, 403, 'only one instance of "host" network is allowed'],
    ['a second null network', { Driver: 'null' }, 403, 'only one instance of "null" network is allowed'],
    ['an unknown address manager', { IPAM: { Driver: 'nope' } }, 404, 'plugin "nope" not found'],
    [
      'a subnet that is none',
      pool({ Subnet: 'nope' }),
      400,
      'invalid network config:\ninvalid subnet nope: invalid CIDR block notation',
    ],
    [
      'a subnet with bits of a host',
      pool({ Subnet: '10.78.0.1/24' }),
      400,
      'invalid network config:\ninvalid subnet 10.78.0.1/24: it should be 10.78.0.0/24',
    ],
    [
      'a gateway out of the subnet',
      pool({ Subnet: '10.78.0.0/24', Gateway: '10.79.0.1' }),
      400,
      "invalid network config:\ninvalid gateway 10.79.0.1: parent subnet 10.78.0.0/24 doesn't contain this address",
    ],
    [
      'a range out of the subnet',
      pool({ Subnet: '10.78.0.0/24', IPRange: '10.79.0.0/25' }),
      400,
      "invalid network config:\ninvalid ip-range 10.79.0.0/25: parent subnet 10.78.0.0/24 doesn't contain ip-range",
    ],
    [
      'a subnet that overlaps',
      pool({ Subnet: '172.17.0.0/24' }),
      403,
      'invalid pool request: Pool overlaps with other one on this address space',
    ],
    [
      'a bridge option that is neither true nor false',
      { Options: { 'com.docker.network.bridge.enable_icc': 'x' } },
      400,
      'failed to parse com.docker.network.bridge.enable_icc value: "x" (must be true or false)',
    ],
  ]

  describe('creation of a network refuses', () => {
    test.each(REFUSED)('%s', async (_what, options, status, sentence) => {
      expect(await refusal(bench.network(options))).toEqual([status, sentence])
    })

    test('a name that is taken', async () => {
      const Name = unique('twice')
      await bench.network({ Name })
      expect(await refusal(bench.network({ Name }))).toEqual([
        409,
        `network with name ${Name} already exists`,
      ])
    })

    test('the name of a bridge interface that is taken', async () => {
      const Options = { 'com.docker.network.bridge.name': 'br-twice' }
      await bench.network({ Options })
      const [status, sentence] = await refusal(bench.network({ Options }))
      expect(status).toBe(403)
      expect(sentence).toMatch(/networks have same bridge name$/)
    })
  })

  describe('a network that is not there', () => {
    const calls: [string, (network: Docker.Network) => Promise<unknown>][] = [
      ['inspect', (network) => network.inspect()],
      ['remove', (network) => network.remove()],
    ]
    test.each(calls)('is what %s says', async (_name, call) => {
      expect(await refusal(call(bench.docker.getNetwork('absent')))).toEqual([
        404,
        'network absent not found',
      ])
    })

    test('is what connect and disconnect say', async () => {
      const { id } = await bench.create()
      const network = bench.docker.getNetwork('absent')
      expect(await refusal(network.connect({ Container: id }))).toEqual([404, 'network absent not found'])
      expect(await refusal(network.disconnect({ Container: id }))).toEqual([404, 'network absent not found'])
    })

    test('is what a container says that shall start in it', async () => {
      const container = await bench.create({ HostConfig: { NetworkMode: 'absent' } })
      const [status, sentence] = await refusal(container.start())
      expect(status).toBe(404)
      expect(sentence).toContain('network absent not found')
    })
  })
}
