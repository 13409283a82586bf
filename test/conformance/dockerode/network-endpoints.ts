import type Docker from 'dockerode'
import { describe, expect, test } from 'vitest'
import { refusal, unique, type DockerBench } from '../../support/docker-bench.ts'

type Inspected = Docker.NetworkInspectInfo

const networksOf = async (container: Docker.Container) => (await container.inspect()).NetworkSettings.Networks

const on = (name: string, endpoint: Docker.EndpointSettings = {}): Docker.ContainerCreateOptions => ({
  HostConfig: { NetworkMode: name },
  NetworkingConfig: { EndpointsConfig: { [name]: endpoint } },
})

export function describeNetworkEndpoints(bench: DockerBench): void {
  describeEndpoints(bench)
  describeConnecting(bench)
}

function describeEndpoints(bench: DockerBench): void {
  describe('an endpoint has', () => {
    test('the address, MAC address and aliases that were asked for', async () => {
      const Name = unique('ip')
      const { id } = await bench.network({
        Name,
        IPAM: { Driver: 'default', Config: [{ Subnet: '10.80.0.0/24' }] },
      })
      const container = await bench.start(
        on(Name, {
          IPAMConfig: { IPv4Address: '10.80.0.77' },
          MacAddress: '02:42:0a:50:00:4d',
          Aliases: ['db'],
        }),
      )
      expect((await networksOf(container))[Name]).toMatchObject({
        NetworkID: id,
        IPAddress: '10.80.0.77',
        IPPrefixLen: 24,
        Gateway: '10.80.0.1',
        MacAddress: '02:42:0a:50:00:4d',
        Aliases: ['db'],
        IPAMConfig: { IPv4Address: '10.80.0.77' },
      })
      const seen = await bench.exec(container, 'cat /sys/class/net/eth0/address; ip -4 -o addr show eth0')
      expect(seen.stdout).toContain('02:42:0a:50:00:4d')
      expect(seen.stdout).toContain('10.80.0.77/24')
    })

    test('its name, aliases and short id as DNS names', async () => {
      const [Name, name] = [unique('dns'), unique('container')]
      await bench.network({ Name })
      const container = await bench.start({ name, ...on(Name, { Aliases: ['x'] }) })
      const endpoint = (await networksOf(container))[Name] as unknown as { DNSNames: string[] }
      expect(endpoint.DNSNames.sort()).toEqual([container.id.slice(0, 12), name, 'x'].sort())
    })

    test('a place in the network, while the container runs', async () => {
      const [Name, name] = [unique('seen'), unique('container')]
      const network = await bench.network({ Name })
      const container = await bench.start({ name, ...on(Name) })
      const { IPAddress, IPPrefixLen, EndpointID } = (await networksOf(container))[Name]!
      const { Containers } = (await network.inspect()) as Inspected
      expect(Containers![container.id]).toMatchObject({
        Name: name,
        EndpointID,
        IPv4Address: `${IPAddress}/${IPPrefixLen}`,
      })
      await container.kill()
      await container.wait()
      expect(((await network.inspect()) as Inspected).Containers).toEqual({})
    })

    test('no address before it starts', async () => {
      const Name = unique('early')
      await bench.network({ Name })
      expect((await networksOf(await bench.create(on(Name))))[Name]).toMatchObject({
        IPAddress: '',
        EndpointID: '',
      })
    })

    test.each([
      ['out of the subnet', '10.99.0.1', 'no configured subnet or ip-range contain the IP address 10.99.0.1'],
      ['that is taken', '10.81.0.1', 'Address already in use'],
    ])('no address %s', async (_what, address, sentence) => {
      const Name = unique('wrong')
      await bench.network({ Name, IPAM: { Driver: 'default', Config: [{ Subnet: '10.81.0.0/24' }] } })
      const refused = async () => {
        const container = await bench.create(on(Name, { IPAMConfig: { IPv4Address: address } }))
        await container.start()
      }
      const [status, said] = await refusal(refused())
      expect(status).toBeGreaterThanOrEqual(400)
      expect(said).toContain(sentence)
    })

    test('no address of its own in a network whose subnet Docker chose', async () => {
      const Name = unique('chosen')
      const network = await bench.network({ Name })
      const { IPAM } = (await network.inspect()) as Inspected
      const address = IPAM!.Config![0]!['Subnet']!.replace(/0\.0\/16$/, '0.9')
      const [status, said] = await refusal(bench.create(on(Name, { IPAMConfig: { IPv4Address: address } })))
      expect(status).toBe(400)
      expect(said).toContain(
        'user specified IP address is supported only when connecting to networks with user configured subnets',
      )
    })
  })
}

function describeConnecting(bench: DockerBench): void {
  describe('a container', () => {
    test('is connected while it runs, and disconnected', async () => {
      const Name = unique('live')
      const network = await bench.network({ Name })
      const container = await bench.start()
      await network.connect({ Container: container.id, EndpointConfig: { Aliases: ['late'] } })
      expect(Object.keys(await networksOf(container)).sort()).toEqual(['bridge', Name].sort())
      expect((await bench.exec(container, 'ls /sys/class/net')).stdout).toBe('eth0\neth1\nlo\n')
      await network.disconnect({ Container: container.id })
      expect(Object.keys(await networksOf(container))).toEqual(['bridge'])
      expect((await bench.exec(container, 'ls /sys/class/net')).stdout).toBe('eth0\nlo\n')
    })

    test('is connected before it starts', async () => {
      const Name = unique('before')
      const network = await bench.network({ Name })
      const container = await bench.create({ Cmd: ['ls', '/sys/class/net'] })
      await network.connect({ Container: container.id })
      const gone = container.wait()
      await container.start()
      await gone
      expect((await bench.logs(container)).stdout).toBe('eth0\neth1\nlo\n')
    })

    test('is in several networks from the start', async () => {
      const [one, two] = [unique('multi'), unique('multi')]
      for (const Name of [one, two]) await bench.network({ Name })
      const container = await bench.start({
        HostConfig: { NetworkMode: one },
        NetworkingConfig: { EndpointsConfig: { [one]: {}, [two]: {} } },
      })
      expect(Object.keys(await networksOf(container)).sort()).toEqual([one, two].sort())
    })

    test('is not connected twice', async () => {
      const [Name, name] = [unique('twice'), unique('container')]
      const network = await bench.network({ Name })
      const container = await bench.start({ name, ...on(Name) })
      expect(await refusal(network.connect({ Container: container.id }))).toEqual([
        403,
        `endpoint with name ${name} already exists in network ${Name}`,
      ])
    })

    test('is not disconnected from where it is not', async () => {
      const Name = unique('apart')
      const network = await bench.network({ Name })
      const container = await bench.start()
      expect(await refusal(network.disconnect({ Container: container.id }))).toEqual([
        500,
        `container ${container.id} is not connected to network ${Name}`,
      ])
    })

    test('in the host’s network goes to no other', async () => {
      const network = await bench.network()
      const container = await bench.start({ HostConfig: { NetworkMode: 'host' } })
      expect(await refusal(network.connect({ Container: container.id }))).toEqual([
        // runconfig/errors.go: a validation error.
        400,
        'container sharing network namespace with another container or host cannot be connected to any other network',
      ])
    })

    test('keeps its network from being removed', async () => {
      const [Name, name] = [unique('kept'), unique('container')]
      const network = await bench.network({ Name })
      const container = await bench.start({ name, ...on(Name) })
      const endpoint = (await networksOf(container))[Name]!.EndpointID.slice(0, 12)
      expect(await refusal(network.remove())).toEqual([
        403,
        `error while removing network: network ${Name} has active endpoints (name:"${name}" id:"${endpoint}")`,
      ])
    })

    test('that is not there is not connected', async () => {
      const network = await bench.network()
      expect(await refusal(network.connect({ Container: 'absent' }))).toEqual([
        404,
        'No such container: absent',
      ])
    })
  })
}
