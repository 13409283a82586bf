import { expect, test } from 'vitest'
import {
  addressBytes,
  addressFromBytes,
  contains,
  formatPrefix,
  lastOf,
  mask,
  overlaps,
  parseAddress,
  parsePrefix,
} from './ip-address.ts'

test.each([
  ['10.0.0.1', '10.0.0.1'],
  ['::', '::'],
  ['::1', '::1'],
  ['FD00:0:0:1::0A', 'fd00:0:0:1::a'],
  ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
  ['1:0:2:3:4:5:6:7', '1:0:2:3:4:5:6:7'],
  ['1:2:3:4:5:6:7::', '1:2:3:4:5:6:7:0'],
  ['10:0:0:20:0:0:0:30', '10:0:0:20::30'],
  ['64:ff9b::192.0.2.33', '64:ff9b::c000:221'],
  ['::ffff:1.2.3.4', '1.2.3.4'],
])('the address %s is %s', (text, canonical) => {
  expect(parseAddress(text)).toBe(canonical)
})

test.each([
  ...['', '1.2.3', '1.2.3.256', '01.2.3.4', '1.2.3.4.5', ':', ':::', '1::2::3', '1:2:3:4:5:6:7'],
  ...['1:2:3:4:5:6:7:8:9', '1:2:3:4:5:6:7::8', '12345::', 'g::', 'fe80::1%eth0', '::1.2.3', '::1.2.3.4:5'],
])('%j is no address', (text) => {
  expect(parseAddress(text)).toBeUndefined()
})

test('prefixes are read, masked and compared within their family', () => {
  const wide = parsePrefix('fd00:0:0:1::5/64')!
  expect(formatPrefix(mask(wide))).toBe('fd00:0:0:1::/64')
  expect(lastOf(wide)).toBe('fd00::1:ffff:ffff:ffff:ffff')
  expect(contains(wide, 'fd00:0:0:1:8000::')).toBe(true)
  expect(contains(wide, 'fd00:0:0:2::')).toBe(false)
  expect(contains(parsePrefix('0.0.0.0/0')!, 'fd00::')).toBe(false)
  expect(overlaps(wide, parsePrefix('fd00::/16')!)).toBe(true)
  expect(overlaps(parsePrefix('::/0')!, parsePrefix('0.0.0.0/0')!)).toBe(false)
  expect(lastOf(parsePrefix('10.1.2.3/24')!)).toBe('10.1.2.255')
  expect(['10.0.0.0/33', '::/129', '::/01', '10.0.0.0', '10.0.0.0/'].map(parsePrefix)).toEqual(
    new Array(5).fill(undefined),
  )
})

test('bytes are in network order, and come back', () => {
  expect(addressBytes('172.18.0.2')).toEqual(Uint8Array.of(172, 18, 0, 2))
  expect(addressBytes('fd00::1:2')).toEqual(Uint8Array.of(0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 2))
  for (const address of ['0.0.0.1', '::', 'fd00::1:2']) {
    expect(addressFromBytes(addressBytes(address))).toBe(address)
  }
})
