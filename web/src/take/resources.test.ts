import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import type { EndpointSettings, NetworkInspect } from '../../../guest/protocol/api/engine-api.ts'
import { inventoryOf } from '../../../test/support/taken-inventory.ts'
import { planTake } from './take-plan.ts'

const PROJECT = 'com.docker.compose.project'

describe('networks', () => {
  const network = (Name: string, change: Partial<NetworkInspect> = {}): NetworkInspect => ({
    ...{ Name, Id: Name, Created: '', Scope: 'local', Driver: 'bridge', EnableIPv4: true, EnableIPv6: false },
    ...{ Internal: false, Attachable: false, Ingress: false, ConfigFrom: { Network: '' }, ConfigOnly: false },
    IPAM: { Driver: 'default', Options: {}, Config: [{ Subnet: '172.18.0.0/16', Gateway: '172.18.0.1' }] },
    ...{ Options: {}, Labels: {}, ...change },
  })
  const ofShop = (key: string, change?: Partial<NetworkInspect>) => {
    const labels = { [PROJECT]: 'shop', 'com.docker.compose.network': key }
    return network(`shop_${key}`, { ...change, Labels: { ...labels, ...change?.Labels } })
  }

  async function joined(Networks: Record<string, EndpointSettings>, networks: NetworkInspect[]) {
    const Labels = { [PROJECT]: 'shop', 'com.docker.compose.service': 'web' }
    const inventory = await inventoryOf({ 'shop-web-1': { Labels } }, (one) => {
      one.HostConfig.NetworkMode = Object.keys(Networks)[0]!
      one.NetworkSettings.Networks = Networks
    })
    const { composeYaml, left } = planTake({ ...inventory, networks }, { kind: 'running' })
    const { services, networks: written } = parse(composeYaml) as {
      services: Record<string, Record<string, unknown>>
      networks?: object
    }
    const told = left.length === 0 ? undefined : left
    return {
      left: told,
      web: services['web']!['networks'],
      mode: services['web']!['network_mode'],
      networks: written,
    }
  }

  test('the project’s own needs no word', async () => {
    const aliases = { Aliases: ['shop-web-1', 'web'] }
    expect(await joined({ shop_default: aliases }, [ofShop('default'), network('bridge')])).toEqual({})
  })

  test('keep their names, subnets that somebody chose, and a container’s names and addresses there', async () => {
    const config = [{ Subnet: '10.9.0.0/24', Gateway: '10.9.0.1' }]
    const chosen = { IPAM: { Driver: 'default', Options: {}, Config: config } }
    const found = await joined(
      {
        'a net $x': { Aliases: ['web', 'other'], IPAMConfig: { IPv4Address: '10.9.0.9' } },
        shop_front: {},
      },
      [network('a net $x', { ...chosen, Internal: true }), ofShop('front', { Labels: { own: 'x' } })],
    )
    expect(found).toEqual({
      web: { 'a-net-x': { aliases: ['other'], ipv4_address: '10.9.0.9' }, front: {} },
      networks: {
        'a-net-x': {
          ...{ name: 'a net $$x', internal: true },
          ipam: { config: [{ subnet: '10.9.0.0/24', gateway: '10.9.0.1' }] },
        },
        front: { labels: { own: 'x' } },
      },
    })
  })

  test('a subnet of Docker’s pools is written when a container has an address in it', async () => {
    const { networks } = await joined({ shop_front: { IPAMConfig: { IPv4Address: '172.18.0.9' } } }, [
      ofShop('front'),
    ])
    expect(networks).toEqual({
      front: { ipam: { config: [{ subnet: '172.18.0.0/16', gateway: '172.18.0.1' }] } },
    })
  })

  test('the default network gives way to others, and that is told', async () => {
    const bridge = { bridge: {}, shop_front: {} }
    expect(await joined(bridge, [ofShop('front'), network('bridge')])).toEqual({
      left: [{ reason: 'bridge', service: 'web', what: 'bridge' }],
      web: ['front'],
      networks: { front: {} },
    })
  })
})
