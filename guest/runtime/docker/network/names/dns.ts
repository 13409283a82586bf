/**
 * The embedded name server's answers (127.0.0.11), as a pure function from message to message (RFC 1035 wire format).
 * Rules of moby's libnetwork resolver: names of the container's networks are answered here; all else is for the outside.
 */
import dnsPacket, { type Answer, type Packet, type Question } from 'dns-packet'
import { EngineError } from '../../../../protocol/errors.ts'
import { formatAddress, parseAddress } from '../address/ipv4.ts'

export interface Names {
  /** Undefined: no such name here. In the order to answer. */
  addressesOf(name: string): number[] | undefined
  /** Fully qualified, without the final dot. */
  nameOf(address: number): string | undefined
  /** `ndots:` other than 0 was asked for: single labels stay inside, so that the client goes on with its search list. */
  singleLabelsStayInside: boolean
}

/** Seconds; what Docker answers with. */
const TTL = 600
const RCODE = { formatError: 1, serverFailure: 2, nameError: 3 } as const
/** Of a UDP answer when the query says nothing else (RFC 1035 section 4.2.1). */
const DEFAULT_SIZE = 512
const HEADER_BYTES = 12
const POINTER_SUFFIX = '.in-addr.arpa'

/** The answer, or undefined when the question is for an outside server. */
export function answerQuery(query: Uint8Array, names: Names): Uint8Array | undefined {
  const packet = decode(query)
  if (packet === undefined) return refuse(query, 'formatError')
  const question = packet.questions?.[0]
  if (question === undefined) return refuse(query, 'formatError')
  const answers = answersTo(question, names)
  return answers && reply(packet, answers)
}

/** Undefined: ask outside. An empty list: the name exists, but has no such record. */
function answersTo(question: Question, names: Names): Answer[] | undefined {
  const { name, type } = question
  if (type === 'PTR') {
    const address = pointerAddress(name)
    const owner = address === undefined ? undefined : names.nameOf(address)
    return owner === undefined ? undefined : [{ type: 'PTR', name, ttl: TTL, class: 'IN', data: owner }]
  }
  if (type !== 'A' && type !== 'AAAA' && type !== 'MX') return undefined
  const addresses = names.addressesOf(name)
  if (addresses === undefined) {
    return type !== 'MX' && names.singleLabelsStayInside && !name.includes('.') ? [] : undefined
  }
  if (type !== 'A') return []
  return addresses.map((address) => ({ type, name, ttl: TTL, class: 'IN', data: formatAddress(address) }))
}

function pointerAddress(name: string): number | undefined {
  const lower = name.toLowerCase()
  if (!lower.endsWith(POINTER_SUFFIX)) return undefined
  return parseAddress(lower.slice(0, -POINTER_SUFFIX.length).split('.').reverse().join('.'))
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

/** What EDNS offers (RFC 6891), at least 512. */
function sizeLimit(query: Packet): number {
  const option = query.additionals?.find((record) => record.type === 'OPT')
  const offered = option?.type === 'OPT' ? option.udpPayloadSize : 0
  return Math.max(DEFAULT_SIZE, offered ?? 0)
}

/** An answer with an error code and nothing else than the question's header. */
export function refuse(query: Uint8Array, code: keyof typeof RCODE): Uint8Array {
  const packet = decode(query)
  const id = (query[0]! << 8) | query[1]!
  const recursionDesired = (query[2]! & 1) << 8
  const flags = recursionDesired | dnsPacket.RECURSION_AVAILABLE | RCODE[code]
  return new Uint8Array(
    dnsPacket.encode({ type: 'response', id, flags, questions: packet?.questions ?? [], answers: [] }),
  )
}
