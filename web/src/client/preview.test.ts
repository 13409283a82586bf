import { describe, expect, test } from 'vitest'
import { httpOverStreams } from '../../../test/support/http-over-streams.ts'
import { EngineError } from '../../../guest/protocol/errors.ts'
import { fetchDocument } from './fetch-document.ts'
import {
  parsePreviewRequest,
  parsePreviewUrl,
  previewUrl,
  type PreviewAnswer,
  type PreviewRequest,
  type PreviewScripts,
} from './preview-protocol.ts'
import { answerPreview, previewHeaders } from './preview-responder.ts'

const BASE = 'https://school.example/lab/'

describe('addresses', () => {
  test.each([
    ['port/8080/', { port: 8080, target: '/' }],
    ['port/8080', { port: 8080, target: '/' }],
    ['port/3000/a/b?c=d#e', { port: 3000, target: '/a/b?c=d' }],
    ['port/0/', undefined],
    ['port/65536/', undefined],
    ['port/80x/', undefined],
    ['port/', undefined],
    ['index.html', undefined],
  ])('%s', (path, meaning) => {
    expect(parsePreviewUrl(BASE + path, BASE)).toEqual(meaning)
  })

  test('another site is never a preview', () => {
    expect(parsePreviewUrl('https://evil.example/lab/port/80/', BASE)).toBeUndefined()
  })

  test('an address made is an address read', () => {
    expect(parsePreviewUrl(previewUrl(BASE, 8080, '/x?y'), BASE)).toEqual({ port: 8080, target: '/x?y' })
  })
})

describe('headers', () => {
  const options = { openStream: () => Promise.reject(new Error()), base: BASE, scripts: () => 'off' as const }
  const headersOf = (headers: Record<string, string>, scripts: PreviewScripts = 'off') =>
    Object.fromEntries(previewHeaders(headers, 8080, { ...options, scripts: () => scripts }))

  test("a container's page may not choose its own policy, and runs scripts only when allowed", () => {
    const own = {
      'content-security-policy': 'sandbox allow-scripts',
      'content-type': 'text/html',
      'set-cookie': 'a=b',
    }
    expect(headersOf(own)).toEqual({
      'content-type': 'text/html',
      'cache-control': 'no-store',
      'content-security-policy': "sandbox allow-same-origin allow-forms allow-scripts; script-src 'none'",
    })
    expect(headersOf(own, 'trusted')['content-security-policy']).toBe(
      'sandbox allow-same-origin allow-forms allow-scripts',
    )
    expect(headersOf(own, 'free')['content-security-policy']).toBeUndefined()
  })

  test.each([
    ['/login', `${BASE}port/8080/login`],
    ['http://localhost:8080/x', `${BASE}port/8080/x`],
    ['http://127.0.0.1:8080/', `${BASE}port/8080/`],
    ['next', 'next'],
    ['https://example.org/', 'https://example.org/'],
    ['//example.org/', '//example.org/'],
  ])('a redirect to %s leads to %s', (location, shown) => {
    expect(headersOf({ location })['location']).toBe(shown)
  })
})

/** The Service Worker's end of the port: pulls until the end, collects what comes. */
function pullingPort(limit = Infinity) {
  const messages: PreviewAnswer[] = []
  let over!: () => void
  const done = new Promise<void>((resolve) => (over = resolve))
  let pulls = 0
  const port = {
    onmessage: null as ((event: MessageEvent) => void) | null,
    close: () => over(),
    postMessage(message: PreviewAnswer) {
      messages.push(message)
      if (message.type === 'end' || message.type === 'error') return
      const credit = pulls++ < limit ? { type: 'pull' } : { type: 'cancel' }
      queueMicrotask(() => port.onmessage?.({ data: credit } as MessageEvent))
    },
  }
  return { port, messages, done }
}

const request = (change: Partial<PreviewRequest> = {}): PreviewRequest => ({
  type: 'porthole-preview',
  port: 8080,
  method: 'GET',
  target: '/index.html?x',
  headers: [
    ['accept', 'text/html'],
    ['connection', 'upgrade'],
  ],
  ...change,
})

describe('a request of the Service Worker', () => {
  test('reaches the server with its own host and comes back chunk by chunk', async () => {
    const { open } = httpOverStreams(({ url, headers }, response) => {
      response.setHeader('x-seen', `${url} ${headers.host} ${headers.connection} ${headers.accept}`)
      response.end('body of the page')
    })
    const { port, messages, done } = pullingPort()
    await answerPreview(request(), port, { openStream: open, base: BASE, scripts: () => 'off' })
    await done
    const [head, ...rest] = messages
    expect(head).toMatchObject({ type: 'head', status: 200, hasBody: true })
    expect(Object.fromEntries((head as { headers: [string, string][] }).headers)['x-seen']).toBe(
      '/index.html?x localhost:8080 close text/html',
    )
    const text = rest
      .map((message) => (message.type === 'chunk' ? new TextDecoder().decode(message.bytes) : ''))
      .join('')
    expect(text).toBe('body of the page')
    expect(rest.at(-1)).toEqual({ type: 'end' })
  })

  test('carries a body', async () => {
    const { open } = httpOverStreams((incoming, response) => void incoming.pipe(response))
    const { port, messages, done } = pullingPort()
    const body = new TextEncoder().encode('a=1').buffer
    await answerPreview(request({ method: 'POST', body }), port, {
      openStream: open,
      base: BASE,
      scripts: () => 'off',
    })
    await done
    const chunk = messages.find((message) => message.type === 'chunk')
    expect(new TextDecoder().decode(chunk!.bytes)).toBe('a=1')
  })

  test('that nobody listens for is told as an error', async () => {
    const openStream = () =>
      Promise.reject(new EngineError('unavailable', 'connect to 127.0.0.1:8080: refused'))
    const { port, messages } = pullingPort()
    await answerPreview(request(), port, { openStream, base: BASE, scripts: () => 'off' })
    expect(messages).toEqual([{ type: 'error', message: 'connect to 127.0.0.1:8080: refused' }])
  })

  test('that the browser gives up ends the connection', async () => {
    let closed!: () => void
    const hungUp = new Promise<void>((resolve) => (closed = resolve))
    const { open } = httpOverStreams((_incoming, response) => {
      response.on('close', closed)
      response.write('endless')
    })
    const { port } = pullingPort(1)
    await answerPreview(request(), port, { openStream: open, base: BASE, scripts: () => 'off' })
    await hungUp
  })
})

test.each<[string, unknown]>([
  ['nothing', undefined],
  ['another message', { type: 'other' }],
  ['a port of text', { ...request(), port: '80' }],
  ['a method with a line of its own', { ...request(), method: 'GET / HTTP/1.1\r\nX: y' }],
  ['a target with a space', { ...request(), target: '/ HTTP/1.1' }],
  ['a header with a line break', { ...request(), headers: [['a', 'b\r\nc: d']] }],
  ['a header without a value', { ...request(), headers: [['a']] }],
  ['a body of text', { ...request(), body: 'x' }],
])('%s is no request', (_what, message) => {
  expect(parsePreviewRequest(message)).toBeUndefined()
})

test('a request is one', () => {
  const body = new ArrayBuffer(1)
  expect(parsePreviewRequest({ ...request(), body, more: 1 })).toEqual({ ...request(), body })
})

describe('a document alone', () => {
  test('follows redirects on its own server and may load nothing from ours', async () => {
    const { open } = httpOverStreams(({ url }, response) => {
      if (url === '/') response.writeHead(302, { location: '/home' }).end()
      else response.end(`<h1>${url}</h1>`)
    })
    const text = await fetchDocument(open, 8080, '/')
    expect(text).toContain('<h1>/home</h1>')
    expect(text).toMatch(
      /^<!doctype html><meta http-equiv="Content-Security-Policy" content="default-src 'none'/,
    )
  })

  test('that redirects in a circle is refused', async () => {
    const { open } = httpOverStreams(
      (_request, response) => void response.writeHead(302, { location: '/' }).end(),
    )
    await expect(fetchDocument(open, 8080, '/')).rejects.toThrow(/circle/)
  })
})
