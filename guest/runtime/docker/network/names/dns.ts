/**
 * The answers of the embedded name server (127.0.0.11), as a pure function from message to message (RFC 1035 wire
 * format). By the rules of moby's libnetwork resolver, names of the container's networks are answered here, and all
 * others are for a server outside.
 */
import dnsPacket, { type Answer, type Packet, type Question } from 'dns-packet'
import { EngineError } from '../../../../protocol/errors.ts'
import { addressFromBytes, parseAddress, type Family } from '../address/ip-address.ts'

export interface Names {
  /**
   * The addresses in the order of the answer; empty when the name has none of this family, undefined when there is no
   * such name here.
   */
  addressesOf(name: string, family: Family): string[] | undefined
  /** The name of an address, fully qualified, without the final dot. */
  nameOf(address: string): string | undefined
  /**
   * True when `ndots:` other than 0 was asked for: single labels are then not asked outside, so that the client goes on
   * with its search list.
   */
  singleLabelsStayInside: boolean
}

/** Seconds, as in Docker's answers. */
const TTL = 600
const RCODE = { formatError: 1, serverFailure: 2, nameError: 3 } as const
/** Bytes of a UDP answer when the query gives no limit (RFC 1035 section 4.2.1). */
const DEFAULT_SIZE = 512
const HEADER_BYTES = 12
/** The domains of reverse look-ups (RFC 1035 section 3.5, RFC 3596 section 2.5). */
const POINTER = { ipv4: '.in-addr.arpa', ipv6: '.ip6.arpa' } as const

/** The answer, or undefined when the question is for an outside server. */
export function answerQuery(query: Uint8Array, names: Names): Uint8Array | undefined {
  const packet = decode(query)
  if (packet === undefined) return refuse(query, 'formatError')
  const question = packet.questions?.[0]
  if (question === undefined) return refuse(query, 'formatError')
  const answers = answersTo(question, names)
  return answers && reply(packet, answers)
}

/**
 * The answers to a question. undefined: an outside server must be asked; an empty list: the name exists, but has no
 * such record.
 */
function answersTo(question: Question, names: Names): Answer[] | undefined {
  const { name, type } = question
  if (type === 'PTR') {
    const address = pointerAddress(name)
    const owner = address === undefined ? undefined : names.nameOf(address)
    return owner === undefined ? undefined : [{ type: 'PTR', name, ttl: TTL, class: 'IN', data: owner }]
  }
  if (type !== 'A' && type !== 'AAAA' && type !== 'MX') return undefined
  const addresses = names.addressesOf(name, type === 'AAAA' ? 6 : 4)
  if (addresses === undefined) {
    return type !== 'MX' && names.singleLabelsStayInside && !name.includes('.') ? [] : undefined
  }
  if (type === 'MX') return []
  return addresses.map((data) => ({ type, name, ttl: TTL, class: 'IN', data }))
}

function pointerAddress(name: string): string | undefined {
  const lower = name.toLowerCase()
  const labels = (suffix: string) => lower.slice(0, -suffix.length).split('.').reverse()
  if (lower.endsWith(POINTER.ipv4)) return parseAddress(labels(POINTER.ipv4).join('.'))
  if (!lower.endsWith(POINTER.ipv6)) return undefined
  const digits = labels(POINTER.ipv6).join('')
  if (!/^[0-9a-f]{32}$/.test(digits)) return undefined
  return addressFromBytes(new Uint8Array(Buffer.from(digits, 'hex')))
}

function decode(query: Uint8Array): Packet | undefined {
  if (query.length < HEADER_BYTES) {
    throw new EngineError(
      'invalid',
      `DNS message of ${query.length} bytes: a header alone has ${HEADER_BYTES}`,
    )
  }
  try {
    return dnsPacket.decode(Buffer.from(query))
  } catch {
    return undefined // the peer's malformed message is answered, not logged
  }
}

function reply(query: Packet, answers: Answer[]): Uint8Array {
  const limit = sizeLimit(query)
  const recursionDesired = (query.flags ?? 0) & dnsPacket.RECURSION_DESIRED
  const flags = recursionDesired | dnsPacket.RECURSION_AVAILABLE
  const build = (some: Answer[], truncated: number) =>
    dnsPacket.encode({
      type: 'response',
      id: query.id ?? 0,
      flags: flags | truncated,
      questions: query.questions ?? [],
      answers: some,
    })
  let message = build(answers, 0)
  for (let count = answers.length - 1; message.length > limit && count >= 0; count--) {
    message = build(answers.slice(0, count), dnsPacket.TRUNCATED_RESPONSE)
  }
  return new Uint8Array(message)
}

/** Bytes that the client takes: EDNS's offer (RFC 6891), but at least 512. */
function sizeLimit(query: Packet): number {
  const option = query.additionals?.find((record) => record.type === 'OPT')
  const offered = option?.type === 'OPT' ? option.udpPayloadSize : 0
  return Math.max(DEFAULT_SIZE, offered ?? 0)
}

/** An answer with an error code and the question's header alone. */
export function refuse(query: Uint8Array, code: keyof typeof RCODE): Uint8Array {
  const packet = decode(query)
  const id = (query[0]! << 8) | query[1]!
  const recursionDesired = (query[2]! & 1) << 8
  const flags = recursionDesired | dnsPacket.RECURSION_AVAILABLE | RCODE[code]
  return new Uint8Array(
    dnsPacket.encode({ type: 'response', id, flags, questions: packet?.questions ?? [], answers: [] }),
  )
}
