import type Docker from 'dockerode'
import { describe, expect, test } from 'vitest'
import { refusal, unique, type DockerBench } from '../../support/docker-bench.ts'

export function describeNetworkTraffic(bench: DockerBench): void {
  describeNames(bench)
  describePorts(bench)
}

const networksOf = async (container: Docker.Container) => (await container.inspect()).NetworkSettings.Networks

const on = (name: string, endpoint: Docker.EndpointSettings = {}): Docker.ContainerCreateOptions => ({
  HostConfig: { NetworkMode: name },
  NetworkingConfig: { EndpointsConfig: { [name]: endpoint } },
})

function describeNames(bench: DockerBench): void {
  /** The addresses of a name as a container's resolver has them, or what it says instead. */
  const lookUp = async (container: Docker.Container, name: string) => {
    const { stdout, stderr } = await bench.exec(container, ['nslookup', name])
    return [...(stdout + stderr).matchAll(/^Address(?: \d+)?: +([\d.]+)(?!:)\b/gm)].map(
      ([, address]) => address,
    )
  }

  describe('in a network of its own a container', () => {
    test('finds others by name, alias and short id', async () => {
      const [Name, name] = [unique('names'), unique('server')]
      await bench.network({ Name })
      const server = await bench.start({ name, ...on(Name, { Aliases: ['store'] }) })
      const client = await bench.start(on(Name))
      const address = (await networksOf(server))[Name]!.IPAddress
      for (const one of [name, 'store', server.id.slice(0, 12)])
        expect([one, await lookUp(client, one)]).toEqual([one, expect.arrayContaining([address])])
    })

    test('finds all who have an alias', async () => {
      const Name = unique('round')
      await bench.network({ Name })
      const servers = [
        await bench.start(on(Name, { Aliases: ['all'] })),
        await bench.start(on(Name, { Aliases: ['all'] })),
      ]
      const addresses = await Promise.all(
        servers.map(async (one) => (await networksOf(one))[Name]!.IPAddress),
      )
      expect(await lookUp(await bench.start(on(Name)), 'all')).toEqual(expect.arrayContaining(addresses))
    })

    test('finds nobody of another network', async () => {
      const [one, other, name] = [unique('one'), unique('other'), unique('server')]
      for (const Name of [one, other]) await bench.network({ Name })
      const server = await bench.start({ name, ...on(one) })
      const client = await bench.start(on(other))
      expect(await lookUp(client, name)).not.toContain((await networksOf(server))[one]!.IPAddress)
    })

    test('has the resolver at 127.0.0.11', async () => {
      const Name = unique('resolver')
      await bench.network({ Name })
      const text = await bench.says('grep ^nameserver /etc/resolv.conf', on(Name))
      expect(text).toBe('nameserver 127.0.0.11')
    })

    test('reaches others over TCP', async () => {
      const [Name, name] = [unique('tcp'), unique('server')]
      await bench.network({ Name })
      const server = await bench.start({
        name,
        ...on(Name),
        Cmd: ['sh', '-c', 'echo up; echo hello | nc -l -p 7'],
      })
      await bench.awaitLog(server, 'up')
      const client = `until nc ${name} 7 </dev/null | grep hello; do :; done`
      expect(await bench.says(client, on(Name))).toBe('hello')
    })

    test('reaches nobody of another network', async () => {
      const [one, other] = [unique('apart'), unique('apart')]
      for (const Name of [one, other]) await bench.network({ Name })
      const server = await bench.start(on(one))
      const address = (await networksOf(server))[one]!.IPAddress
      expect((await bench.run(`ping -c 1 -W 1 ${address}`, on(other))).code).toBe(1)
    })

    test('is not reached when traffic between containers is off', async () => {
      const Name = unique('icc')
      await bench.network({ Name, Options: { 'com.docker.network.bridge.enable_icc': 'false' } })
      const server = await bench.start(on(Name))
      const address = (await networksOf(server))[Name]!.IPAddress
      expect((await bench.run(`ping -c 1 -W 1 ${address}`, on(Name))).code).toBe(1)
    })
  })

  describe('on the bridge a container', () => {
    test('finds nobody by name', async () => {
      const name = unique('server')
      const server = await bench.start({ name })
      const client = await bench.start()
      expect(await lookUp(client, name)).not.toContain((await networksOf(server))['bridge']!.IPAddress)
    })

    test('reaches others by address', async () => {
      const address = (await networksOf(await bench.start()))['bridge']!.IPAddress
      expect((await bench.run(`ping -c 1 ${address}`)).code).toBe(0)
    })
  })

  test('an internal network has no way out', async () => {
    const Name = unique('inner')
    await bench.network({ Name, Internal: true })
    expect(await bench.says('ip route | grep -c default || true', on(Name))).toBe('0')
  })
}

function describePorts(bench: DockerBench): void {
  const serve = { Cmd: ['sh', '-c', 'echo up; while :; do echo hello | nc -l -p 80; done'] }

  describe('a published port', () => {
    test('reaches the container', async () => {
      const container = await bench.start({
        ...serve,
        HostConfig: { PortBindings: { '80/tcp': [{ HostPort: '18441' }] } },
      })
      await bench.awaitLog(container, 'up')
      expect(await bench.guest('until busybox nc 127.0.0.1 18441 </dev/null | grep hello; do :; done')).toBe(
        'hello',
      )
      expect((await container.inspect()).NetworkSettings.Ports).toEqual({
        '80/tcp': ['0.0.0.0', '::'].map((HostIp) => ({ HostIp, HostPort: '18441' })),
      })
    })

    test('is chosen when it is not said', async () => {
      const container = await bench.start({ HostConfig: { PortBindings: { '80/tcp': [{ HostPort: '' }] } } })
      const { Ports } = (await container.inspect()).NetworkSettings
      expect(Number(Ports['80/tcp']![0]!.HostPort)).toBeGreaterThanOrEqual(32768)
    })

    test('is one of all that are exposed', async () => {
      const container = await bench.start({
        ExposedPorts: { '80/tcp': {}, '81/udp': {} },
        HostConfig: { PublishAllPorts: true },
      })
      const { Ports } = (await container.inspect()).NetworkSettings
      expect(Object.values(Ports).map((bindings) => Number(bindings![0]!.HostPort) >= 32768)).toEqual([
        true,
        true,
      ])
    })

    test('that is taken keeps a container from starting', async () => {
      const HostConfig = { PortBindings: { '80/tcp': [{ HostPort: '18442' }] } }
      await bench.start({ HostConfig })
      const [status, sentence] = await refusal((await bench.create({ HostConfig })).start())
      expect(status).toBe(500)
      expect(sentence).toMatch(/Bind for 0\.0\.0\.0:18442 failed: port is already allocated$/)
    })

    test('is free again after a stop', async () => {
      const HostConfig = { PortBindings: { '80/tcp': [{ HostPort: '18443' }] } }
      const first = await bench.start({ HostConfig })
      await first.stop({ t: 0 })
      await bench.start({ HostConfig })
    })

    test('that is exposed alone shows no binding', async () => {
      const container = await bench.start({ ExposedPorts: { '80/tcp': {} } })
      expect((await container.inspect()).NetworkSettings.Ports).toEqual({ '80/tcp': null })
    })
  })
}
