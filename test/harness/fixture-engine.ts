/**
 * A stand-in for the engine, for screenshots of the page alone: speaks the same HTTP over the same ByteStreams, with invented
 * containers. Never part of the app: nothing under web/ imports it.
 */
import type { ByteStream, StreamOpen } from '../../guest/protocol/wire/byte-stream.ts'
import { byteStreamPair } from '../support/byte-stream-pair.ts'
import { answerFor, statsSample, terminalText } from './fixture-data.ts'

const encoder = new TextEncoder()

export async function openFixtureStream(open: StreamOpen): Promise<ByteStream> {
  const [near, far] = byteStreamPair()
  if (open.service === 'engine') void serve(far)
  else void servePort(far)
  return near
}

interface Head {
  method: string
  path: string
}

async function serve(stream: ByteStream): Promise<void> {
  for (let head = await readRequest(stream); head; head = await readRequest(stream)) {
    if (head.path.endsWith('/start') && head.path.startsWith('/exec/')) return terminal(stream, head.path)
    if (head.path === '/events') return void (await stream.write(encoder.encode(STREAM_HEAD)))
    if (head.path === '/porthole/volumes') return keptVolumes(stream)
    if (head.path.endsWith('/stats')) return streamStats(stream, head.path.split('/')[2]!)
    if (head.path.endsWith('/logs')) return streamLog(stream)
    if (head.path === '/build') return build(stream)
    const answer = answerFor(head.method, head.path)
    const body = encoder.encode(answer === undefined ? '' : JSON.stringify(answer))
    const status = answer === undefined ? '204 No Content' : '200 OK'
    const length = answer === undefined ? '' : `Content-Length: ${body.length}\r\n`
    await stream.write(encoder.encode(`HTTP/1.1 ${status}\r\n${length}\r\n`))
    if (body.length > 0) await stream.write(body)
  }
}

const STREAM_HEAD = 'HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n'

/** Of the page's address, so that every state can be looked at. */
async function keptVolumes(stream: ByteStream): Promise<void> {
  const state = new URLSearchParams(location.search).get('volumes') ?? 'saved'
  const reason = 'the browser’s storage for this site is full; remove some images or free disk space'
  const kept = { state, volumes: [], ...(state === 'unsaved' && { reason }) }
  await stream.write(encoder.encode(`${STREAM_HEAD}${JSON.stringify(kept)}\n`))
}

async function readRequest(stream: ByteStream): Promise<Head | undefined> {
  let text = ''
  while (!text.includes('\r\n\r\n')) {
    const chunk = await stream.read()
    if (chunk === null) return undefined
    text += new TextDecoder().decode(chunk)
  }
  const [method = '', target = ''] = text.split(' ')
  return { method, path: target.split('?')[0]! }
}

async function terminal(stream: ByteStream, path: string): Promise<void> {
  await stream.write(encoder.encode('HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n'))
  await stream.write(encoder.encode(terminalText(path)))
  for (let chunk = await stream.read(); chunk !== null; chunk = await stream.read()) await stream.write(chunk)
}

async function streamStats(stream: ByteStream, id: string): Promise<void> {
  await stream.write(encoder.encode(STREAM_HEAD))
  for (let second = 0; second < 90; second++) {
    await stream.write(encoder.encode(JSON.stringify(statsSample(id, second)) + '\n'))
  }
}

async function streamLog(stream: ByteStream): Promise<void> {
  await stream.write(encoder.encode(STREAM_HEAD))
  for (let line = 0; line < 14; line++) {
    const text = encoder.encode(
      line % 5 === 3
        ? '2026/11/22 12:00:03 [warn] 7#7: 1024 worker_connections exceed open file resource limit\n'
        : `10.0.2.2 - - [22/Nov/2026:12:00:${String(line).padStart(2, '0')} +0000] "GET / HTTP/1.1" 200 615\n`,
    )
    const header = new Uint8Array([line % 5 === 3 ? 2 : 1, 0, 0, 0, 0, 0, 0, text.length])
    await stream.write(header)
    await stream.write(text)
  }
}

async function build(stream: ByteStream): Promise<void> {
  const lines = [
    'Step 1/3 : FROM busybox\n ---> 5f6d139daa2a\n',
    'Step 2/3 : COPY hello.txt /hello.txt\n ---> 02d1cb84ece7\n',
    'Step 3/3 : CMD ["cat", "/hello.txt"]\n ---> Running in 9a3c1f0b77de\n ---> Removed intermediate container 9a3c1f0b77de\n ---> 81b6e70e8f24\n',
    'Successfully built 81b6e70e8f24\nSuccessfully tagged my-image:latest\n',
  ]
  await stream.write(encoder.encode(STREAM_HEAD))
  for (const line of lines) await stream.write(encoder.encode(`${JSON.stringify({ stream: line })}\n`))
  await stream.end()
}

async function servePort(stream: ByteStream): Promise<void> {
  const head = await readRequest(stream)
  if (!head) return
  const [type, body] = head.path.endsWith('.css')
    ? ['text/css', 'body{font:16px sans-serif;margin:3em;color:#234}h1{color:#0a6765}']
    : [
        'text/html',
        '<!doctype html><link rel="stylesheet" href="/site.css"><h1>Welcome to nginx!</h1><p>It works.</p>',
      ]
  await stream.write(
    encoder.encode(`HTTP/1.1 200 OK\r\nContent-Type: ${type}\r\nConnection: close\r\n\r\n${body}`),
  )
  await stream.end()
}
