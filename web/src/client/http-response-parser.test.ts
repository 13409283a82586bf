import { describe, expect, test } from 'vitest'
import { MAX_HEAD_BYTES, ResponseParser, type ResponseEvent } from './http-response-parser.ts'

const bytes = (text: string) => new TextEncoder().encode(text)

/** The events of a response with adjacent data joined, so that only meaning is compared. */
function summary(events: ResponseEvent[]) {
  const head = events.find((event) => event.type === 'head')?.head
  const data = events.flatMap((event) => (event.type === 'data' ? [...event.chunk] : []))
  return {
    status: head?.status,
    headers: head?.headers,
    keepAlive: head?.keepAlive,
    body: new TextDecoder().decode(new Uint8Array(data)),
    ended: events.at(-1)?.type === 'end',
  }
}

function parse(pieces: Uint8Array[], { method = 'GET', close = false } = {}) {
  const parser = new ResponseParser(method)
  const events = pieces.flatMap((piece) => parser.push(piece))
  if (close) events.push(...parser.finish())
  return { ...summary(events), rest: new TextDecoder().decode(parser.rest) }
}

const RESPONSES = {
  'content-length': 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-A: 1\r\nx-a: 2\r\n\r\nhello',
  'an empty body': 'HTTP/1.1 204 No Content\r\n\r\n',
  'content-length 0': 'HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n',
  chunked:
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;ext=1\r\nhello\r\nA\r\n, chunked!\r\n0\r\nTrailer: x\r\n\r\n',
  'an interim response first': 'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok',
  'an upgrade': 'HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\nraw bytes',
  'bytes of a next response': 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 500',
  'lone line feeds': 'HTTP/1.1 200 OK\nContent-Length: 2\n\nok',
}

describe('a response split anywhere reads as the whole', () => {
  test.each(Object.entries(RESPONSES))('%s', (_name, text) => {
    const whole = parse([bytes(text)])
    expect(whole.ended).toBe(true)
    for (let at = 0; at <= text.length; at++) {
      expect(parse([bytes(text.slice(0, at)), bytes(text.slice(at))]), `split at ${at}`).toEqual(whole)
    }
    expect(parse([...bytes(text)].map((byte) => new Uint8Array([byte])))).toEqual(whole)
  })

  test('until-close, at every offset', () => {
    const text = 'HTTP/1.0 200 OK\r\nContent-Type: text/html\r\n\r\n<p>no length</p>'
    for (let at = 0; at <= text.length; at++) {
      const result = parse([bytes(text.slice(0, at)), bytes(text.slice(at))], { close: true })
      expect(result).toMatchObject({ body: '<p>no length</p>', ended: true, keepAlive: false })
    }
  })
})

describe('what a response means', () => {
  test('repeated fields are joined, names are lower-case', () => {
    expect(parse([bytes(RESPONSES['content-length'])]).headers).toEqual({
      'content-length': '5',
      'x-a': '1, 2',
    })
  })

  test('chunks are joined and trailers dropped', () => {
    expect(parse([bytes(RESPONSES.chunked)]).body).toBe('hello, chunked!')
  })

  test('an upgrade leaves the bytes that follow it untouched', () => {
    expect(parse([bytes(RESPONSES['an upgrade'])])).toMatchObject({
      status: 101,
      rest: 'raw bytes',
      body: '',
    })
  })

  test('HEAD has no body whatever its length says', () => {
    const result = parse([bytes('HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n')], { method: 'HEAD' })
    expect(result).toMatchObject({ ended: true, body: '' })
  })

  test.each([
    ['HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n', false],
    ['HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n', true],
    ['HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n', false],
    ['HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 0\r\n\r\n', true],
  ])('%j keeps the connection: %s', (text, keepAlive) => {
    expect(parse([bytes(text)]).keepAlive).toBe(keepAlive)
  })
})

describe('what is refused', () => {
  test.each([
    ['a status line that is none', 'SSH-2.0-OpenSSH_9.2\r\n\r\n', /not an HTTP status line/],
    ['a field without a name', 'HTTP/1.1 200 OK\r\n: x\r\n\r\n', /not an HTTP field/],
    [
      'contradicting lengths',
      'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nab',
      /content length/,
    ],
    ['a negative length', 'HTTP/1.1 200 OK\r\nContent-Length: -2\r\n\r\n', /content length/],
    [
      'a chunk size that is none',
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n',
      /chunk size/,
    ],
    [
      'a chunk longer than it says',
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n',
      /longer/,
    ],
    ['an endless head', `HTTP/1.1 200 OK\r\nX: ${'a'.repeat(MAX_HEAD_BYTES)}`, /head is larger/],
    [
      'an endless chunk line',
      `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${'1'.repeat(2000)}`,
      /too long/,
    ],
  ])('%s', (_name, text, message) => {
    expect(() => parse([bytes(text)])).toThrow(message)
  })

  test('an end in the middle of a response', () => {
    const text = 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell'
    expect(() => parse([bytes(text)], { close: true })).toThrow(/in the middle/)
  })
})
