import { Network } from 'testcontainers'
import { describe, expect, test } from 'vitest'
import { says, type TestcontainersBench } from '../../support/testcontainers-bench.ts'

export function describeNetworks(bench: TestcontainersBench): void {
  describe('containers in a network', () => {
    test('reach each other by their aliases', async () => {
      const network = await bench.network()
      await bench.start((it) => it.withNetwork(network).withNetworkAliases('store', 'db'))
      const client = await bench.start((it) => it.withNetwork(network))
      for (const name of ['store', 'db'])
        expect(await says(client, `ping -c 1 ${name}`)).toContain('1 packets received')
    })

    test('reach each other by their names', async () => {
      const network = await bench.network()
      await bench.start((it) => it.withName('tc-peer').withNetwork(network))
      const client = await bench.start((it) => it.withNetwork(network))
      expect(await says(client, 'ping -c 1 tc-peer')).toContain('1 packets received')
    })

    test('know their network, and their address in it', async () => {
      const network = await bench.network()
      const container = await bench.start((it) => it.withNetwork(network))
      expect(container.getNetworkNames()).toEqual([network.getName()])
      expect(container.getNetworkId(network.getName())).toBe(network.getId())
      const address = container.getIpAddress(network.getName())
      expect(await says(container, 'ip -4 -o addr show eth0')).toContain(` ${address}/`)
    })

    test('do not reach those of another', async () => {
      const [one, other] = [await bench.network(), await bench.network()]
      await bench.start((it) => it.withNetwork(one).withNetworkAliases('hidden'))
      const client = await bench.start((it) => it.withNetwork(other))
      expect((await client.exec(['ping', '-c', '1', 'hidden'])).exitCode).toBe(1)
    })
  })

  describe('a network mode', () => {
    test('may be none', async () => {
      const container = await bench.start((it) => it.withNetworkMode('none'))
      expect(await says(container, 'ls /sys/class/net')).toBe('lo')
    })

    test('may be the host’s', async () => {
      const container = await bench.start((it) => it.withNetworkMode('host'))
      expect(await says(container, 'readlink /proc/self/ns/net')).toBe(
        await bench.guest('readlink /proc/self/ns/net'),
      )
    })

    test('may be another container’s', async () => {
      const other = await bench.start()
      const container = await bench.start((it) => it.withNetworkMode(`container:${other.getId()}`))
      const namespace = 'readlink /proc/self/ns/net'
      expect(await says(container, namespace)).toBe(await says(other, namespace))
    })
  })

  test('a network that is stopped is gone', async () => {
    const network = await new Network().start()
    await network.stop()
    expect(await bench.guest(`docker network ls -q --no-trunc --filter id=${network.getId()}`)).toBe('')
    await expect(bench.start((it) => it.withNetwork(network))).rejects.toThrow(/network .* not found/)
  })
}
