/**
 * Expressions of nf_tables rules (linux/netfilter/nf_tables.h). A rule loads packet fields into registers, compares or
 * looks them up, and ends in a verdict or a translation; an expression that does not match ends the rule.
 */
import type { Family } from '../address/ip-address.ts'
import { attribute, concat, nested, text, u32, u32be } from './message.ts'

/** An element of the list NFTA_RULE_EXPRESSIONS. */
export type Expression = Uint8Array

const VERDICT_REGISTER = 0

/**
 * The number of the 32-bit register at `index` from the first; a concatenation lies in consecutive ones. The first has
 * the number of the 128-bit register that begins with it, as nft writes it.
 */
export function register(index: number): number {
  return index === 0 ? 1 : 8 + index
}

const NFTA_LIST_ELEM = 1
const NFTA_EXPR = { name: 1, data: 2 } as const
const NFTA_DATA = { value: 1, verdict: 2 } as const
const NFTA_VERDICT_CODE = 1
/** The values of NFPROTO_IPV4 and NFPROTO_IPV6 in linux/netfilter.h. */
const NAT_FAMILY = { 4: 2, 6: 10 } as const satisfies Record<Family, number>

function expression(name: string, ...attributes: Uint8Array[]): Expression {
  return nested(NFTA_LIST_ELEM, attribute(NFTA_EXPR.name, text(name)), nested(NFTA_EXPR.data, ...attributes))
}

const META = { iifname: 6, oifname: 7, l4proto: 16 } as const

/** Interface names fill 16 bytes (four registers), the protocol one. */
export function loadMeta(key: keyof typeof META, index = 0): Expression {
  return expression('meta', attribute(1, u32be(register(index))), attribute(2, u32be(META[key])))
}

const PAYLOAD = {
  /** Destination address: 16 bytes into the IPv4 header. */
  ipDestination: { base: 1, offset: 16, length: 4 },
  /** Destination address: 24 bytes into the IPv6 header. */
  ip6Destination: { base: 1, offset: 24, length: 16 },
  /** Destination port: 2 bytes into the TCP, UDP or SCTP header. */
  transportDestinationPort: { base: 2, offset: 2, length: 2 },
} as const

export function loadPayload(field: keyof typeof PAYLOAD, index = 0): Expression {
  const { base, offset, length } = PAYLOAD[field]
  return expression(
    'payload',
    attribute(1, u32be(register(index))),
    attribute(2, u32be(base)),
    attribute(3, u32be(offset)),
    attribute(4, u32be(length)),
  )
}

const CT = { state: 0, status: 2 } as const
/** Bits of `ct state` and `ct status` (nf_conntrack_common.h). */
export const CT_STATE = { established: 2, related: 4 } as const
export const CT_STATUS = { dstNat: 1 << 5 } as const

/** Continues when any of `bits` is set. */
export function matchConnection(key: keyof typeof CT, bits: number): Expression {
  return concat(
    expression('ct', attribute(1, u32be(register(0))), attribute(2, u32be(CT[key]))),
    maskRegister(u32(bits)),
    compare('!=', u32(0)),
  )
}

const FIB_RESULT_ADDRTYPE = 3
const RTN_LOCAL = 2

/** Continues when the packet's source or destination is an address of the guest itself. */
export function matchLocalAddress(which: 'source' | 'destination'): Expression {
  const flags = which === 'source' ? 1 : 2
  const load = expression(
    'fib',
    attribute(1, u32be(register(0))),
    attribute(2, u32be(FIB_RESULT_ADDRTYPE)),
    attribute(3, u32be(flags)),
  )
  return concat(load, compare('==', u32(RTN_LOCAL)))
}

/** Ands the first register with a mask. */
export function maskRegister(mask: Uint8Array): Expression {
  const value = (type: number, bytes: Uint8Array) => nested(type, attribute(NFTA_DATA.value, bytes))
  return expression(
    'bitwise',
    attribute(1, u32be(register(0))),
    attribute(2, u32be(register(0))),
    attribute(3, u32be(mask.length)),
    value(4, mask),
    value(5, new Uint8Array(mask.length)),
  )
}

export function compare(operator: '==' | '!=', value: Uint8Array): Expression {
  return expression(
    'cmp',
    attribute(1, u32be(register(0))),
    attribute(2, u32be(operator === '==' ? 0 : 1)),
    nested(3, attribute(NFTA_DATA.value, value)),
  )
}

/** Continues when the key in the first registers is in the set; with a map, its value replaces the key. */
export function lookUp(set: string, options: { map?: boolean } = {}): Expression {
  const attributes = [attribute(1, text(set)), attribute(2, u32be(register(0)))]
  if (options.map === true) attributes.push(attribute(3, u32be(register(0))))
  return expression('lookup', ...attributes)
}

const VERDICT = { drop: 0, accept: 1 } as const

export function verdict(code: keyof typeof VERDICT): Expression {
  const data = nested(NFTA_DATA.verdict, attribute(NFTA_VERDICT_CODE, u32be(VERDICT[code])))
  return expression('immediate', attribute(1, u32be(VERDICT_REGISTER)), nested(2, data))
}

/**
 * Translates the destination to the address in the first registers (one of IPv4's, four of IPv6's) and the port in the
 * one behind them.
 */
export function destinationNat(family: Family): Expression {
  return expression(
    'nat',
    attribute(1, u32be(1)),
    attribute(2, u32be(NAT_FAMILY[family])),
    attribute(3, u32be(register(0))),
    attribute(5, u32be(register(family === 6 ? 4 : 1))),
  )
}

export function masquerade(): Expression {
  return expression('masq')
}
