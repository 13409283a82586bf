import { describe, expect, test } from 'vitest'
import type { IpamConfig } from '../../../../protocol/api/engine-api.ts'
import { allocateAddress, chooseSubnet, makePool, takeAddress, validateIpam } from './ipam.ts'
import {
  contains,
  formatAddress,
  formatPrefix,
  overlaps,
  parseAddress,
  parsePrefix,
  type Prefix,
} from './ipv4.ts'

const address = (text: string) => parseAddress(text)!
const prefix = (text: string) => parsePrefix(text)!
const NETWORK = { name: 'web', id: 'f00d' }

/** mulberry32: the same numbers in every run. */
function seeded(seed: number): () => number {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

describe('subnets', () => {
  test('are given in the order of dockerd: 172.17–172.31, then 192.168 in /20s', () => {
    const taken: Prefix[] = []
    for (let count = 0; count < 31; count++) taken.push(chooseSubnet(taken))
    const shown = taken.map(formatPrefix)
    expect(shown.slice(0, 2)).toEqual(['172.17.0.0/16', '172.18.0.0/16'])
    expect(shown.slice(14, 17)).toEqual(['172.31.0.0/16', '192.168.0.0/20', '192.168.16.0/20'])
    expect(() => chooseSubnet(taken)).toThrow('all predefined address pools have been fully subnetted')
  })

  test('never overlap what is taken, whatever that is', () => {
    const random = seeded(7)
    for (let round = 0; round < 200; round++) {
      const taken = Array.from({ length: 12 }, () => ({
        address: Math.floor(random() * 2 ** 32),
        length: 8 + Math.floor(random() * 25),
      }))
      const chosen = chooseSubnet(taken)
      expect(taken.filter((one) => overlaps(one, chosen))).toEqual([])
    }
  })

  test('that overlap another network are refused in Docker’s words', () => {
    const taken = [prefix('172.18.0.0/16')]
    expect(() => makePool({ Subnet: '172.18.4.0/24' }, taken)).toThrow(
      'Pool overlaps with other one on this address space',
    )
  })
})

describe('addresses', () => {
  test('are unique, in range and never network, broadcast, gateway or auxiliary, until none is left', () => {
    const random = seeded(11)
    for (let round = 0; round < 60; round++) {
      const length = 24 + Math.floor(random() * 6)
      const subnet = { address: address('10.9.8.0'), length }
      const rangeLength = Math.min(30, length + Math.floor(random() * 3))
      const config = {
        Subnet: formatPrefix(subnet),
        IPRange: formatPrefix({ address: subnet.address, length: rangeLength }),
        AuxiliaryAddresses: { router: formatAddress(subnet.address + 2) },
      }
      const pool = makePool(config, [])
      const used = new Set<number>()
      for (let next = allocateAddress(pool, used); next !== undefined; next = allocateAddress(pool, used)) {
        expect(used.has(next)).toBe(false)
        expect(contains(pool.range, next)).toBe(true)
        expect([pool.gateway, subnet.address, subnet.address + 2]).not.toContain(next)
        used.add(next)
      }
      const isWhole = rangeLength === length
      expect(used.size).toBe(2 ** (32 - rangeLength) - (isWhole ? 4 : 3))
    }
  })

  test('that were released are given again, the lowest first', () => {
    const pool = makePool({ Subnet: '172.18.0.0/16' }, [])
    const used = new Set<number>()
    const take = () => {
      const next = takeAddress(pool, used, undefined, NETWORK)
      used.add(next)
      return formatAddress(next)
    }
    expect([take(), take(), take()]).toEqual(['172.18.0.2', '172.18.0.3', '172.18.0.4'])
    used.delete(address('172.18.0.3'))
    expect(take()).toBe('172.18.0.3')
  })

  test('asked for are given once', () => {
    const pool = makePool({ Subnet: '172.18.0.0/16' }, [])
    const asked = address('172.18.0.9')
    expect(takeAddress(pool, new Set(), asked, NETWORK)).toBe(asked)
    expect(() => takeAddress(pool, new Set([asked]), asked, NETWORK)).toThrow('Address already in use')
    expect(() => takeAddress(pool, new Set(), pool.gateway, NETWORK)).toThrow('Address already in use')
  })

  test('that have run out are reported with the network’s name and id', () => {
    const pool = makePool({ Subnet: '10.0.0.0/30' }, [])
    const used = new Set([takeAddress(pool, new Set(), undefined, NETWORK)])
    expect(() => takeAddress(pool, used, undefined, NETWORK)).toThrow(
      "no available IPv4 addresses on this network's address pools: web (f00d)",
    )
  })
})

test.each([
  [{ Subnet: 'x' }, 'invalid subnet x: invalid CIDR block notation'],
  [{ Subnet: '10.1.2.3/16' }, 'invalid subnet 10.1.2.3/16: it should be 10.1.0.0/16'],
  [{ Subnet: 'fd00::/64' }, 'IPv6 is not available here'],
  [
    { Subnet: '10.1.0.0/16', IPRange: '10.0.0.0/8' },
    'invalid ip-range 10.0.0.0/8: CIDR block is bigger than its parent subnet 10.1.0.0/16',
  ],
  [
    { Subnet: '10.1.0.0/16', IPRange: '10.2.0.0/24' },
    "invalid ip-range 10.2.0.0/24: parent subnet 10.1.0.0/16 doesn't contain ip-range",
  ],
  [
    { Subnet: '10.1.0.0/16', Gateway: '10.2.0.1' },
    "invalid gateway 10.2.0.1: parent subnet 10.1.0.0/16 doesn't contain this address",
  ],
  [
    { Subnet: '10.1.0.0/16', AuxiliaryAddresses: { a: '10.01.0.1' } },
    'invalid auxiliary address a: invalid address',
  ],
])('an IPAM configuration %j is refused: %s', (config, message) => {
  expect(() => validateIpam({ Config: [config] })).toThrow(message)
})

test('all faults of an IPAM configuration are named at once', () => {
  const bad = { Config: [{ Subnet: '10.1.2.3/16', Gateway: '1.1.1.1' }, { Subnet: '' }] }
  expect(() => validateIpam(bad)).toThrow(
    /it should be 10\.1\.0\.0\/16\ninvalid gateway 1\.1\.1\.1.*\ninvalid subnet /s,
  )
})

test('takes null for what a request does not say', () => {
  const config = JSON.parse(
    '{"Subnet":"10.1.0.0/24","IPRange":null,"Gateway":null,"AuxiliaryAddresses":null}',
  ) as IpamConfig
  expect(() => validateIpam({ Config: [config] })).not.toThrow()
  expect(formatAddress(makePool(config, []).gateway!)).toBe('10.1.0.1')
})
