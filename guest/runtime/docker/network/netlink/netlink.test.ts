import { describe, expect, test } from 'vitest'
import { addressBytes } from '../address/ip-address.ts'
import { parseMac } from '../address/mac-address.ts'
import { CAPTURED } from './captured.ts'
import {
  attribute,
  decodeAttributes,
  decodeMessages,
  message,
  nested,
  sequence,
  text,
  u16be,
  u32,
  u8,
} from './message.ts'
import { destinationNat, loadMeta, loadPayload, lookUp, matchLocalAddress } from './nf-expressions.ts'
import { addElements, newChain, newRule, newSet, part, removeElements, transaction } from './nf-tables.ts'
import { deleteLink, newAddress, newBridge, newDefaultRoute, newVeth, setLink } from './rtnetlink.ts'

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')
const bytesOf = (captured: string) => new Uint8Array(Buffer.from(captured, 'hex'))

type Tree = [type: number, content: string | Tree[]]

/**
 * A message's attributes as a tree, since the kernel does not heed their order. iproute2 leaves NLA_F_NESTED out where
 * the kernel does, so `nestedPaths` names the paths of types that hold attributes.
 */
function treeOf(
  bytes: Uint8Array,
  nestedPaths: readonly string[],
  skip: readonly string[] = [],
  path = '',
): Tree[] {
  const tree: Tree[] = []
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  for (let offset = 0; offset + 4 <= bytes.length;) {
    const length = view.getUint16(offset, true)
    const type = view.getUint16(offset + 2, true)
    const here = `${path}/${type & 0x3fff}`
    const body = bytes.subarray(offset + 4, offset + length)
    const isNested = (type & 0x8000) !== 0 || nestedPaths.includes(here)
    const inner = here === '/18/2/1' ? body.subarray(16) : body
    if (!skip.includes(here) && !skip.includes(`${here}=${hex(body)}`))
      tree.push([type & 0x3fff, isNested ? treeOf(inner, nestedPaths, skip, here) : hex(body)])
    offset += (length + 3) & ~3
  }
  return tree.sort((a, b) => a[0] - b[0])
}

interface Shape {
  type: number
  flags: number
  header: string
  attributes: Tree[]
}

function shapeOf(
  bytes: Uint8Array,
  headerBytes: number,
  nestedPaths: string[] = [],
  skip: string[] = [],
): Shape {
  const [only] = decodeMessages(bytes)
  const { type, flags, payload } = only!
  return {
    type,
    flags,
    header: hex(payload.subarray(0, headerBytes)),
    attributes: treeOf(payload.subarray(headerBytes), nestedPaths, skip),
  }
}

const LINK_NESTS = ['/18', '/18/2', '/18/2/1']

describe('rtnetlink requests are those of iproute2', () => {
  const link = (bytes: Uint8Array) => shapeOf(bytes, 16, LINK_NESTS)

  test('a bridge', () => {
    const mac = parseMac('02:42:01:02:03:04')!
    expect(link(newBridge({ name: 'br1', mac, up: true }))).toEqual(link(bytesOf(CAPTURED.bridge)))
  })

  test('a veth pair whose far end is in another namespace', () => {
    const near = { name: 'eth0', index: 7, mtu: 1400, up: true }
    const made = newVeth(near, { name: 'veth1234567', netnsPid: 19724 })
    expect(link(made)).toEqual(link(bytesOf(CAPTURED.veth)))
  })

  test('an address', () => {
    const made = newAddress(2, { address: '172.18.0.1', length: 16 })
    expect(shapeOf(made, 8)).toEqual(shapeOf(bytesOf(CAPTURED.address), 8))
  })

  test('a default route that replaces another', () => {
    expect(shapeOf(newDefaultRoute(2, 4, '172.18.0.2'), 12)).toEqual(shapeOf(bytesOf(CAPTURED.route), 12))
  })

  test('a link into a bridge, as RTM_SETLINK where ip sends RTM_NEWLINK without NLM_F_CREATE', () => {
    const made = link(setLink({ index: 7, up: true, master: 2 }))
    expect(made).toEqual({ ...link(bytesOf(CAPTURED.setLink)), type: 19 })
  })

  test('a link to delete is named', () => {
    const [only] = decodeMessages(deleteLink('veth1234567'))
    expect(decodeAttributes(only!.payload.subarray(16)).get(3)).toEqual(text('veth1234567'))
  })
})

describe('nf_tables requests are those of nft', () => {
  const table = { family: 4, name: 'docker-bridges' } as const
  const nf = (bytes: Uint8Array, skip: string[] = []) => {
    const shape = shapeOf(bytes, 4, [], skip)
    return { ...shape, flags: shape.flags & ~4 } // nft asks for no acknowledgements
  }

  test('a base chain', () => {
    const made = newChain({ table, name: 'nat-OUTPUT', type: 'nat', hook: 'output', priority: 'dstnat' })
    expect(nf(made)).toEqual(nf(bytesOf(CAPTURED.chain)))
  })

  test('a map of concatenations, but for the user data that nft keeps for itself', () => {
    const key = ['inet_proto', 'inet_service'] as const
    const made = newSet({ table, name: 'published', id: 1, key, data: ['ipv4_addr', 'inet_service'] })
    expect(nf(made)).toEqual(nf(bytesOf(CAPTURED.map), ['/13']))
  })

  test('a set of interface names', () => {
    const made = newSet({ table, name: 'bridges', id: 1, key: ['ifname'] })
    expect(nf(made, ['/13'])).toEqual(nf(bytesOf(CAPTURED.set), ['/13']))
  })

  const key = [part(u8(6)), part(u16be(8080))]
  const data = [addressBytes('172.18.0.2'), part(u16be(80))]

  test('an element of a map', () => {
    const made = addElements(table, 'published', [{ key, data }])
    // nft adds the set's transaction id, which an element of an older set doesn't need.
    expect(nf(made)).toEqual(nf(bytesOf(CAPTURED.element), ['/4']))
  })

  test('an element to remove', () => {
    const made = removeElements(table, 'published', [{ key, data }])
    expect(nf(made)).toEqual(nf(bytesOf(CAPTURED.deleteElement)))
  })

  test('a rule that translates through a map', () => {
    const made = newRule(table, 'nat-OUTPUT', 'published ports', [
      matchLocalAddress('destination'),
      loadMeta('l4proto'),
      loadPayload('transportDestinationPort', 1),
      lookUp('published', { map: true }),
      destinationNat(4),
    ])
    // nft adds the map's transaction id to the lookup.
    expect(nf(made, ['/7'])).toEqual(nf(bytesOf(CAPTURED.rule), ['/4/1/2/4=00000001']))
  })
})

describe('messages', () => {
  test('are numbered from 1 in a request, whatever their lengths', () => {
    const request = sequence([deleteLink('a'), deleteLink('abcde'), deleteLink('b')])
    expect(decodeMessages(request).map((one) => one.sequence)).toEqual([1, 2, 3])
    expect(request.length % 4).toBe(0)
  })

  test('of a transaction stand between the marks of a batch', () => {
    const types = decodeMessages(
      sequence(transaction([newSet({ table: { family: 4, name: 't' }, name: 's', id: 1, key: ['ifname'] })])),
    )
    expect(types.map(({ type }) => type)).toEqual([0x10, 0x0a09, 0x11])
  })

  test('pad attributes but count them without padding', () => {
    expect(hex(attribute(3, text('ab')))).toBe('0700030061620000')
    expect(hex(nested(1, attribute(2, u32(7))))).toBe('0c000180080002000700' + '0000')
  })

  test('that are cut off are refused at every length', () => {
    const whole = message({ type: 16, flags: 4, header: u32(0), attributes: [attribute(1, u32(1))] })
    for (let length = 1; length < whole.length; length++) {
      expect(() => decodeMessages(whole.subarray(0, length))).toThrow(RangeError)
    }
    expect(decodeMessages(whole)).toHaveLength(1)
  })

  test('with an attribute longer than its message are refused', () => {
    expect(() => decodeAttributes(Uint8Array.of(9, 0, 1, 0, 0, 0, 0, 0))).toThrow('claims 9 bytes')
  })
})
