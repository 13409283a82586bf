import { expect, it } from 'vitest'
import { byteStreamPair } from '../../../../test/support/byte-stream-pair.ts'
import type { ByteStream, Channel } from '../../../protocol/wire/byte-stream.ts'
import { EngineError } from '../../../protocol/errors.ts'
import { channelContentClient, type ContentClient } from './content-client.ts'

/** A client, and the page's end of each call. */
function client() {
  const opened: ByteStream[] = []
  const channel: Channel = {
    open() {
      const [ours, theirs] = byteStreamPair()
      opened.push(theirs)
      return Promise.resolve(ours)
    },
    closed: new Promise(() => undefined),
    close: () => undefined,
  }
  return { opened, content: channelContentClient(() => Promise.resolve(channel)) }
}

it.each(['pull', 'push'] as const)('a %s that is given up ends in the page too', async (call) => {
  const { opened, content } = client()
  const stop = new AbortController()
  let heard!: () => void
  const began = new Promise<void>((resolve) => (heard = resolve))
  const calling = content[call]({ reference: 'docker.io/library/app:latest' }, heard, stop.signal)
  await expect.poll(() => opened.length).toBe(1)
  const progress = { progress: { id: 'aa', status: 'Preparing' } }
  await opened[0]!.write(new TextEncoder().encode(`${JSON.stringify(progress)}\n`))
  await began
  const closed = expect(opened[0]!.closed).rejects.toThrow('given up')
  stop.abort(new EngineError('unavailable', 'the client hung up'))
  await expect(calling).rejects.toThrow('the client hung up')
  await closed
})

const APP = { reference: 'registry.local/app:latest' }
const DIGEST = `sha256:${'1'.repeat(64)}` as const
const AUTH = { username: 'ann', password: 'x' }

/** An upload that never ends. */
async function* endless(): AsyncGenerator<Uint8Array> {
  yield new Uint8Array(1)
  await new Promise(() => undefined)
}

type Call = (content: ContentClient, signal: AbortSignal) => Promise<unknown>
it.each<[string, Call]>([
  ['login', (content, signal) => content.login('registry.local', AUTH, signal)],
  ['manifest', (content, signal) => content.manifest(APP, signal)],
  ['mount', (content, signal) => content.mount(APP, DIGEST, 'other', signal)],
  ['put-manifest', (content, signal) => content.putManifest(APP, 'text/plain', endless(), signal)],
])('so does a %s', async (_, call) => {
  const { opened, content } = client()
  const stop = new AbortController()
  const calling = call(content, stop.signal)
  await expect.poll(() => opened.length).toBe(1)
  const closed = expect(opened[0]!.closed).rejects.toThrow('given up')
  stop.abort(new EngineError('unavailable', 'the client hung up'))
  await expect(calling).rejects.toThrow('the client hung up')
  await closed
})

it.each([
  ['oops', 'a line of the content store is not JSON: oops'],
  ['[]', 'a line of the content store is not a JSON object: []'],
  ['{}', 'the content store sent a line that says nothing'],
  ['{"error":"no"}', 'the content store sent an error that is none'],
])('an answer %s is refused', async (line, message) => {
  const { opened, content } = client()
  const calling = expect(content.images()).rejects.toThrow(new EngineError('corrupt', message))
  await expect.poll(() => opened.length).toBe(1)
  await opened[0]!.write(new TextEncoder().encode(`${line}\n`))
  await calling
})

it("the page's own error comes whole", async () => {
  const { opened, content } = client()
  const calling = expect(content.images()).rejects.toMatchObject({ code: 'not-found', message: 'gone' })
  await expect.poll(() => opened.length).toBe(1)
  const error = new EngineError('not-found', 'gone')
  await opened[0]!.write(new TextEncoder().encode(`${JSON.stringify({ error })}\n`))
  await calling
})

it('archives that can be piped are let go when the page cannot be reached', async () => {
  let left = false
  const bytes = {
    pipeTo: () => Promise.reject(new Error('nobody asked')),
    async *[Symbol.asyncIterator]() {
      try {
        yield new Uint8Array(1)
      } finally {
        left = true
      }
    },
  }
  const gone = () => Promise.reject(new EngineError('unavailable', 'the page is gone'))
  const content = channelContentClient(gone, '/uploads')
  await expect(content.ingest('text/plain', bytes)).rejects.toThrow('the page is gone')
  await expect.poll(() => left).toBe(true)
})
