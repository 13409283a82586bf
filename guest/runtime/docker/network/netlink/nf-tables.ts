/** nfnetlink requests for nf_tables, families ip and ip6 (linux/netfilter/nf_tables.h; numbers in network order). */
import type { Family } from '../address/ip-address.ts'
import type { Expression } from './nf-expressions.ts'
import { attribute, concat, message, nested, NLM_F, text, u16be, u32be, u8 } from './message.ts'

export const NETLINK_NETFILTER = 12

const SUBSYSTEM_NFTABLES = 10
const BATCH = { begin: 0x10, end: 0x11 } as const
const NFT_MSG = {
  newTable: 0,
  deleteTable: 2,
  newChain: 3,
  newRule: 6,
  newSet: 9,
  newElement: 12,
  deleteElement: 14,
} as const
/** The values of linux/netfilter.h. */
const NFPROTO = { 4: 2, 6: 10 } as const satisfies Record<Family, number>
const NFT_SET_MAP = 8
const NFTA_DATA_VALUE = 1
const NFTA_LIST_ELEM = 1
/** libnftnl's user data of a rule: type 0 is its comment, which `nft list ruleset` shows. */
const UDATA_COMMENT = 0
/** libnftnl's user data of a set: type 0 is the byte order of its keys; 1 is the host's. */
const KEY_IN_HOST_ORDER = Uint8Array.of(0, 4, 1, 0, 0, 0)

/** nft's numbers of data types (6 bits each in a concatenation), and their bytes in a key. */
const DATA_TYPE = {
  ipv4_addr: { id: 7, bytes: 4 },
  ipv6_addr: { id: 8, bytes: 16 },
  inet_proto: { id: 12, bytes: 1 },
  inet_service: { id: 13, bytes: 2 },
  ifname: { id: 41, bytes: 16 },
} as const
export type DataType = keyof typeof DATA_TYPE

export const HOOK = { prerouting: 0, forward: 2, output: 3, postrouting: 4 } as const
export const PRIORITY = { raw: -300, dstnat: -100, filter: 0, srcnat: 100 } as const

/** A table; one of each family may have the same name. */
export interface Table {
  family: Family
  name: string
}

function request(
  type: keyof typeof NFT_MSG,
  flags: number,
  family: Family,
  attributes: Uint8Array[],
): Uint8Array {
  return message({
    type: (SUBSYSTEM_NFTABLES << 8) | NFT_MSG[type],
    flags: flags | NLM_F.acknowledge,
    header: concat(u8(NFPROTO[family]), u8(0), u16be(0)),
    attributes,
  })
}

/** A batch whose messages all take effect at once, or not at all. */
export function transaction(messages: readonly Uint8Array[]): Uint8Array[] {
  const edge = (type: number) =>
    message({ type, flags: 0, header: concat(u8(0), u8(0), u16be(SUBSYSTEM_NFTABLES)) })
  return [edge(BATCH.begin), ...messages, edge(BATCH.end)]
}

export function newTable({ family, name }: Table): Uint8Array {
  return request('newTable', NLM_F.create, family, [attribute(1, text(name)), attribute(2, u32be(0))])
}

export function deleteTable({ family, name }: Table): Uint8Array {
  return request('deleteTable', 0, family, [attribute(1, text(name))])
}

export interface BaseChain {
  table: Table
  name: string
  type: 'filter' | 'nat'
  hook: keyof typeof HOOK
  priority: keyof typeof PRIORITY
}

/** A base chain, whose policy is accept. */
export function newChain(chain: BaseChain): Uint8Array {
  return request('newChain', NLM_F.create, chain.table.family, [
    attribute(1, text(chain.table.name)),
    attribute(3, text(chain.name)),
    nested(4, attribute(1, u32be(HOOK[chain.hook])), attribute(2, u32be(PRIORITY[chain.priority]))),
    attribute(5, u32be(1)),
    attribute(7, text(chain.type)),
  ])
}

/** A rule, which is appended to its chain. */
export function newRule(table: Table, chain: string, comment: string, expressions: Expression[]): Uint8Array {
  const note = text(comment)
  return request('newRule', NLM_F.create | NLM_F.append, table.family, [
    attribute(1, text(table.name)),
    attribute(2, text(chain)),
    nested(4, ...expressions),
    attribute(7, concat(u8(UDATA_COMMENT), u8(note.length), note)),
  ])
}

export interface SetFields {
  table: Table
  name: string
  /** Unique within a transaction. */
  id: number
  key: readonly DataType[]
  /** The parts of the value that a map yields. */
  data?: readonly DataType[]
}

/** Each part of a concatenation takes whole registers of 4 bytes. */
function typeAndLength(types: readonly DataType[]): { type: number; length: number } {
  return types.reduce(
    (sum, name) => ({
      type: (sum.type << 6) | DATA_TYPE[name].id,
      length: types.length === 1 ? DATA_TYPE[name].bytes : sum.length + ((DATA_TYPE[name].bytes + 3) & ~3),
    }),
    { type: 0, length: 0 },
  )
}

export function newSet(set: SetFields): Uint8Array {
  const key = typeAndLength(set.key)
  const attributes = [
    attribute(1, text(set.table.name)),
    attribute(2, text(set.name)),
    attribute(3, u32be(set.data ? NFT_SET_MAP : 0)),
    attribute(4, u32be(key.type)),
    attribute(5, u32be(key.length)),
    attribute(10, u32be(set.id)),
  ]
  // Without this attribute `nft list` takes an interface name for a number in network order and shows "".
  if (set.key.length === 1 && set.key[0] === 'ifname') attributes.push(attribute(13, KEY_IN_HOST_ORDER))
  if (set.data) {
    const data = typeAndLength(set.data)
    attributes.push(attribute(6, u32be(data.type)), attribute(7, u32be(data.length)))
  }
  return request('newSet', NLM_F.create, set.table.family, attributes)
}

export interface Element {
  /** Parts that `part` gave. */
  key: readonly Uint8Array[]
  data?: readonly Uint8Array[]
}

/** A part of a concatenated key, padded to whole registers. */
export function part(bytes: Uint8Array): Uint8Array {
  return bytes.length % 4 === 0 ? bytes : concat(bytes, new Uint8Array(4 - (bytes.length % 4)))
}

/** An interface name as packets' metadata has it: 16 bytes, zero filled. */
export function interfaceName(name: string): Uint8Array {
  const bytes = new Uint8Array(16)
  bytes.set(text(name).subarray(0, 16))
  return bytes
}

function elementList(set: string, table: Table, elements: readonly Element[]): Uint8Array[] {
  const value = (type: number, parts: readonly Uint8Array[]) =>
    nested(type, attribute(NFTA_DATA_VALUE, concat(...parts)))
  const list = elements.map(({ key, data }) =>
    nested(NFTA_LIST_ELEM, value(1, key), ...(data ? [value(2, data)] : [])),
  )
  return [attribute(1, text(table.name)), attribute(2, text(set)), nested(3, ...list)]
}

export function addElements(table: Table, set: string, elements: readonly Element[]): Uint8Array {
  return request('newElement', NLM_F.create, table.family, elementList(set, table, elements))
}

/** Removes elements. The kernel answers ENOENT when one is not there. */
export function removeElements(table: Table, set: string, elements: readonly Element[]): Uint8Array {
  const keys = elements.map(({ key }) => ({ key }))
  return request('deleteElement', 0, table.family, elementList(set, table, keys))
}
