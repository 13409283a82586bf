import dnsPacket, { type Packet } from 'dns-packet'
import { describe, expect, test } from 'vitest'
import { answerQuery, refuse, type Names } from './dns.ts'
import { familyOf } from '../address/ip-address.ts'

const WEB = '172.18.0.2'
const WEB6 = 'fd00::2'
const names = (addresses: Record<string, string[]>, singleLabelsStayInside = false): Names => ({
  addressesOf: (name, family) => addresses[name.toLowerCase()]?.filter((one) => familyOf(one) === family),
  nameOf: (address) => ([WEB, WEB6].includes(address) ? 'web.net1' : undefined),
  singleLabelsStayInside,
})

function query(
  type: 'A' | 'AAAA' | 'PTR' | 'MX' | 'TXT',
  name: string,
  more: Partial<Packet> = {},
): Uint8Array {
  const flags = dnsPacket.RECURSION_DESIRED
  return new Uint8Array(
    dnsPacket.encode({ type: 'query', id: 4660, flags, questions: [{ type, name }], ...more }),
  )
}
const decode = (answer: Uint8Array | undefined) => dnsPacket.decode(Buffer.from(answer!))

describe('the embedded server', () => {
  test('answers A with the id, the question as asked, recursion available and 600 s', () => {
    const answer = decode(answerQuery(query('A', 'WeB'), names({ web: [WEB] })))
    expect(answer).toMatchObject({
      type: 'response',
      id: 4660,
      rcode: 'NOERROR',
      flag_rd: true,
      flag_ra: true,
    })
    expect(answer.questions).toMatchObject([{ name: 'WeB', type: 'A' }])
    expect(answer.answers).toMatchObject([{ name: 'WeB', type: 'A', ttl: 600, data: '172.18.0.2' }])
  })

  test('answers AAAA and MX of a known name with nothing and no error', () => {
    for (const type of ['AAAA', 'MX'] as const) {
      const answer = decode(answerQuery(query(type, 'web'), names({ web: [WEB] })))
      expect(answer).toMatchObject({ rcode: 'NOERROR', answers: [] })
    }
  })

  test('answers AAAA with the IPv6 addresses, and A with the others', () => {
    const both = names({ web: [WEB, WEB6] })
    expect(decode(answerQuery(query('AAAA', 'web'), both)).answers).toMatchObject([
      { name: 'web', type: 'AAAA', ttl: 600, data: WEB6 },
    ])
    expect(decode(answerQuery(query('A', 'web'), both)).answers).toMatchObject([{ type: 'A', data: WEB }])
  })

  test('answers PTR of an IPv6 address, nibble by nibble', () => {
    const name = `2.${'0.'.repeat(27)}0.0.d.f.ip6.arpa`
    expect(decode(answerQuery(query('PTR', name), names({}))).answers).toMatchObject([{ data: 'web.net1' }])
    expect(answerQuery(query('PTR', `3.${name.slice(2)}`), names({}))).toBeUndefined()
    expect(answerQuery(query('PTR', name.slice(2)), names({}))).toBeUndefined()
  })

  test('answers PTR of an address of the network', () => {
    const answer = decode(answerQuery(query('PTR', '2.0.18.172.in-addr.arpa'), names({})))
    expect(answer.answers).toMatchObject([{ type: 'PTR', data: 'web.net1' }])
  })

  test('leaves unknown names, other addresses and other types to the outside', () => {
    expect(answerQuery(query('A', 'example.org'), names({}))).toBeUndefined()
    expect(answerQuery(query('PTR', '8.8.8.8.in-addr.arpa'), names({}))).toBeUndefined()
    expect(answerQuery(query('PTR', 'nonsense.in-addr.arpa'), names({}))).toBeUndefined()
    expect(answerQuery(query('TXT', 'web'), names({ web: [WEB] }))).toBeUndefined()
  })

  test('keeps single labels inside when ndots was asked for', () => {
    expect(decode(answerQuery(query('A', 'db'), names({}, true))).answers).toEqual([])
    expect(answerQuery(query('A', 'db.example'), names({}, true))).toBeUndefined()
  })

  test('cuts an answer to 512 bytes and says so, but not when EDNS allows more', () => {
    const many = { web: Array.from({ length: 60 }, (_, index) => `172.18.0.${index + 2}`) }
    const plain = answerQuery(query('A', 'web'), names(many))!
    expect(plain.length).toBeLessThanOrEqual(512)
    expect(decode(plain)).toMatchObject({ flag_tc: true })
    const additionals = [
      {
        type: 'OPT' as const,
        name: '.',
        udpPayloadSize: 4096,
        extendedRcode: 0,
        ednsVersion: 0,
        flags: 0,
        flag_do: false,
        options: [],
      },
    ]
    const large = decode(answerQuery(query('A', 'web', { additionals }), names(many)))
    expect(large).toMatchObject({ flag_tc: false })
    expect(large.answers).toHaveLength(60)
  })

  test('answers malformed messages with FORMERR, whatever byte they end at', () => {
    const whole = query('A', 'web')
    for (let length = 12; length < whole.length; length++) {
      expect(decode(answerQuery(whole.subarray(0, length), names({})))).toMatchObject({
        id: 4660,
        rcode: 'FORMERR',
      })
    }
    expect(() => answerQuery(whole.subarray(0, 11), names({}))).toThrow('a header alone has 12')
  })

  test('refuses with SERVFAIL and the question', () => {
    expect(decode(refuse(query('A', 'web'), 'serverFailure'))).toMatchObject({
      id: 4660,
      rcode: 'SERVFAIL',
      questions: [{ name: 'web' }],
    })
  })
})
