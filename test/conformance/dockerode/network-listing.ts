import type Docker from 'dockerode'
import { describe, expect, test } from 'vitest'
import { refusal, unique, type DockerBench } from '../../support/docker-bench.ts'

export function describeListingOfNetworks(bench: DockerBench): void {
  describePredefined(bench)
  describeNetworkListing(bench)
}

function describePredefined(bench: DockerBench): void {
  describe('the networks that are always there', () => {
    test.each([
      ['bridge', 'bridge'],
      ['host', 'host'],
      ['none', 'null'],
    ])('have %s', async (name, driver) => {
      const details = (await bench.docker.getNetwork(name).inspect()) as Docker.NetworkInspectInfo
      expect([details.Name, details.Driver, details.Scope]).toEqual([name, driver, 'local'])
    })

    test('have the bridge with its options', async () => {
      const { Options, IPAM } = (await bench.docker
        .getNetwork('bridge')
        .inspect()) as Docker.NetworkInspectInfo
      expect(Options).toMatchObject({
        'com.docker.network.bridge.default_bridge': 'true',
        'com.docker.network.bridge.name': 'docker0',
      })
      expect(IPAM!.Config).toEqual([{ Subnet: '172.17.0.0/16', Gateway: '172.17.0.1' }])
    })

    test.each(['bridge', 'host', 'none'])('do not let %s be removed', async (name) => {
      expect(await refusal(bench.docker.getNetwork(name).remove())).toEqual([
        403,
        `${name} is a pre-defined network and cannot be removed`,
      ])
    })
  })
}

function describeNetworkListing(bench: DockerBench): void {
  const names = async (filters: Record<string, string[]>) =>
    (await bench.docker.listNetworks({ filters })).map(({ Name }) => Name).sort()

  describe('a list of networks', () => {
    test('filters by every criterion', async () => {
      const [one, two] = [unique('filter'), unique('filter')]
      const { id } = await bench.network({ Name: one, Labels: { kind: 'one' } })
      await bench.network({ Name: two, Driver: 'macvlan', Labels: { kind: 'two' } })
      await bench.create({ HostConfig: { NetworkMode: one } }).then((container) => container.start())
      const cases: [Record<string, string[]>, string[]][] = [
        [{ name: [one] }, [one]],
        [{ id: [id.slice(0, 12)] }, [one]],
        [{ label: ['kind'] }, [one, two]],
        [{ label: ['kind=two'] }, [two]],
        [{ driver: ['macvlan'] }, [two]],
        [{ type: ['custom'], label: ['kind'] }, [one, two]],
        [{ type: ['builtin'] }, ['bridge', 'host', 'none']],
        [{ scope: ['local'], label: ['kind=one'] }, [one]],
        [{ scope: ['swarm'] }, []],
        [{ dangling: ['true'], label: ['kind=two'] }, [two]],
      ]
      for (const [filters, wanted] of cases)
        expect([filters, await names(filters)]).toEqual([filters, wanted])
    })

    test.each([
      ['an unknown filter', { nope: ['1'] }, 400, "invalid filter 'nope'"],
      // A plain error of daemon/network/filter.go, which the API answers with 500.
      ['a type that is none', { type: ['nope'] }, 500, "invalid filter: 'type'='nope'"],
    ])('refuses %s', async (_what, filters: Record<string, string[]>, status, sentence) => {
      expect(await refusal(bench.docker.listNetworks({ filters }))).toEqual([status, sentence])
    })
  })

  describe('pruning networks', () => {
    test('removes those that nobody is on, of a label', async () => {
      const [used, idle] = [unique('prune'), unique('prune')]
      for (const Name of [used, idle]) await bench.network({ Name, Labels: { prune: 'me' } })
      await bench.start({ HostConfig: { NetworkMode: used } })
      expect(await bench.docker.pruneNetworks({ filters: { label: ['prune=me'] } })).toEqual({
        NetworksDeleted: [idle],
      })
    })

    test('has null for none', async () => {
      expect(await bench.docker.pruneNetworks({ filters: { label: ['absent'] } })).toEqual({
        NetworksDeleted: null,
      })
    })
  })
}
