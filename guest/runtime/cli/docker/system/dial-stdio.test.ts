import { expect, it } from 'vitest'
import type { ByteStream } from '../../../../protocol/wire/byte-stream.ts'
import { EngineError } from '../../../../protocol/errors.ts'
import { streamPair } from '../../../docker/api/stream-pair.ts'
import { runDocker } from '../../dispatch.ts'
import { CannedTransport, noSocket } from '../../../testing/cli/canned-transport.ts'
import { memoryCliFiles } from '../../../testing/cli/memory-cli-files.ts'
import { MemorySession } from '../../../testing/cli/memory-session.ts'

const encode = (text: string) => new TextEncoder().encode(text)

/**
 * Runs the command.
 * @param typed the caller's input, which ends; undefined for one that never ends
 */
function dialStdio(dial: () => Promise<ByteStream>, typed?: string[]) {
  const session = new MemorySession({ argv: ['system', 'dial-stdio'], typed: typed ?? [] })
  let stop = (_: null): void => undefined
  if (typed === undefined) {
    session.stdin.read = () => new Promise((resolve) => (stop = resolve))
    session.stdin.stop = () => stop(null)
  }
  const files = memoryCliFiles()
  const transport = new CannedTransport(() => 0)
  return { session, code: runDocker(session, { transport, files, dial, now: () => 0 }) }
}

async function readAll(stream: ByteStream): Promise<string> {
  let text = ''
  for (let chunk = await stream.read(); chunk !== null; chunk = await stream.read())
    text += Buffer.from(chunk).toString()
  return text
}

it('passes the input on with its end, and waits for what comes after it', async () => {
  const [ours, theirs] = streamPair()
  const { session, code } = dialStdio(() => Promise.resolve(ours), ['GET /_ping ', 'HTTP/1.1\r\n\r\n'])
  expect(await readAll(theirs)).toBe('GET /_ping HTTP/1.1\r\n\r\n')
  await theirs.write(encode('HTTP/1.1 200 OK\r\n\r\nOK'))
  await theirs.end()
  expect(await code).toBe(0)
  expect(session.stdout.text).toBe('HTTP/1.1 200 OK\r\n\r\nOK')
})

it('is over with the engine’s side, whether its own input has ended or not', async () => {
  const [ours, theirs] = streamPair()
  const { session, code } = dialStdio(() => Promise.resolve(ours))
  await theirs.write(encode('bye'))
  await theirs.end()
  expect(await code).toBe(0)
  expect(session.stdout.text).toBe('bye')
  await expect(theirs.read()).rejects.toMatchObject({ code: 'unavailable' })
})

it('lets go of the connection when the caller is interrupted', async () => {
  const [ours, theirs] = streamPair()
  const { session, code } = dialStdio(() => Promise.resolve(ours))
  const reading = theirs.read()
  session.controller.abort(new EngineError('unavailable', 'gone'))
  await expect(reading).rejects.toMatchObject({ message: 'the docker client is gone' })
  expect(await code).toBe(1)
})

it('says that there is no engine, or that it was lost', async () => {
  const nobody = dialStdio(noSocket, [])
  expect(await nobody.code).toBe(1)
  expect(nobody.session.stderr.text).toBe(
    'failed to open the raw stream connection: dial unix /run/docker.sock: connect: connection refused\n',
  )
  const [ours, theirs] = streamPair()
  const lost = dialStdio(() => Promise.resolve(ours))
  theirs.reset('the connection was lost')
  expect(await lost.code).toBe(1)
  expect(lost.session.stderr.text).toBe('error while Copy (stream to stdout): the connection was lost\n')
})
