import { describe, expect, test } from 'vitest'
import type { IpamConfig } from '../../../../protocol/api/engine-api.ts'
import {
  allocateAddress,
  checkIpv6Subnet,
  chooseSubnet,
  localBlock,
  makePool,
  takeAddress,
  validateIpam,
} from './ipam.ts'
import { contains, formatPrefix, fromInteger, overlaps, parsePrefix, type Prefix } from './ip-address.ts'

const prefix = (text: string) => parsePrefix(text)!
const NETWORK = { name: 'web', id: 'f00d' }

/** mulberry32, which gives the same numbers in every run. */
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
        address: fromInteger(BigInt(Math.floor(random() * 2 ** 32)), 4),
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

describe('IPv6', () => {
  test.each([
    ['', 'fd42:98fc:1c14::/48'],
    ['499d4bc0-b0b3-416f-b1ee-cf6486315593', 'fd62:fb69:18af::/48'],
  ])('has the block that dockerd gives the host %j: %s', (hostId, block) => {
    expect(formatPrefix(localBlock(hostId).base)).toBe(block)
  })

  test('subnets are neither multicast nor a part of the links’ own', () => {
    expect(() => checkIpv6Subnet(prefix('fe80::/64'))).not.toThrow()
    expect(() => checkIpv6Subnet(prefix('ff02::/64'))).toThrow("multicast subnet 'ff02::/64' is not allowed")
    expect(() => checkIpv6Subnet(prefix('fe80::/80'))).toThrow(
      "'fe80::/80' clashes with the Link-Local prefix 'fe80::/64'",
    )
  })

  const blocks = [{ base: prefix('fd12:3456:789a::/48'), length: 64 }]

  test('subnets are /64s of the block that is the guest’s own', () => {
    const first = chooseSubnet([], blocks)
    expect(formatPrefix(first)).toBe('fd12:3456:789a::/64')
    expect(formatPrefix(chooseSubnet([first], blocks))).toBe('fd12:3456:789a:1::/64')
  })

  test('addresses begin behind the subnet-router address and the gateway, and have no broadcast address', () => {
    const pool = makePool(undefined, [], blocks)
    expect(pool.gateway).toBe('fd12:3456:789a::1')
    expect(allocateAddress(pool, new Set())).toBe('fd12:3456:789a::2')
    const small = makePool({ Subnet: 'fd00::/126' }, [])
    expect(allocateAddress(small, new Set(['fd00::2']))).toBe('fd00::3')
    expect(() => takeAddress(small, new Set(['fd00::2', 'fd00::3']), undefined, NETWORK)).toThrow(
      'no available IPv6 addresses',
    )
  })
})

describe('addresses', () => {
  test('are unique, in range and never network, broadcast, gateway or auxiliary, until none is left', () => {
    const random = seeded(11)
    for (let round = 0; round < 60; round++) {
      const length = 24 + Math.floor(random() * 6)
      const subnet = { address: '10.9.8.0', length }
      const rangeLength = Math.min(30, length + Math.floor(random() * 3))
      const config = {
        Subnet: formatPrefix(subnet),
        IPRange: formatPrefix({ address: subnet.address, length: rangeLength }),
        AuxiliaryAddresses: { router: '10.9.8.2' },
      }
      const pool = makePool(config, [])
      const used = new Set<string>()
      for (let next = allocateAddress(pool, used); next !== undefined; next = allocateAddress(pool, used)) {
        expect(used.has(next)).toBe(false)
        expect(contains(pool.range, next)).toBe(true)
        expect([pool.gateway, '10.9.8.0', '10.9.8.2']).not.toContain(next)
        used.add(next)
      }
      const isWhole = rangeLength === length
      expect(used.size).toBe(2 ** (32 - rangeLength) - (isWhole ? 4 : 3))
    }
  })

  test('that were released are given again, the lowest first', () => {
    const pool = makePool({ Subnet: '172.18.0.0/16' }, [])
    const used = new Set<string>()
    const take = () => {
      const next = takeAddress(pool, used, undefined, NETWORK)
      used.add(next)
      return next
    }
    expect([take(), take(), take()]).toEqual(['172.18.0.2', '172.18.0.3', '172.18.0.4'])
    used.delete('172.18.0.3')
    expect(take()).toBe('172.18.0.3')
  })

  test('asked for are given once', () => {
    const pool = makePool({ Subnet: '172.18.0.0/16' }, [])
    const asked = '172.18.0.9'
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
  [{ Subnet: 'fd00::5/64' }, 'invalid subnet fd00::5/64: it should be fd00::/64'],
  [
    { Subnet: 'fd00::/64', IPRange: '10.0.0.0/8' },
    'invalid ip-range 10.0.0.0/8: parent subnet is an IPv6 block',
  ],
  [
    { Subnet: '10.1.0.0/16', Gateway: '2001:db8::1' },
    'invalid gateway 2001:db8::1: parent subnet is an IPv4 block',
  ],
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
  expect(() => validateIpam({ Config: [config] }, true)).toThrow(message)
})

test('an IPv6 subnet of a network without IPv6 is not looked at', () => {
  expect(() => validateIpam({ Config: [{ Subnet: 'fd00::5/64' }] }, false)).not.toThrow()
})

test('all faults of an IPAM configuration are named at once', () => {
  const bad = { Config: [{ Subnet: '10.1.2.3/16', Gateway: '1.1.1.1' }, { Subnet: '' }] }
  expect(() => validateIpam(bad, true)).toThrow(
    /it should be 10\.1\.0\.0\/16\ninvalid gateway 1\.1\.1\.1.*\ninvalid subnet /s,
  )
})

test('takes null for what a request does not say', () => {
  const config = JSON.parse(
    '{"Subnet":"10.1.0.0/24","IPRange":null,"Gateway":null,"AuxiliaryAddresses":null}',
  ) as IpamConfig
  expect(() => validateIpam({ Config: [config] }, true)).not.toThrow()
  expect(makePool(config, []).gateway).toBe('10.1.0.1')
})
