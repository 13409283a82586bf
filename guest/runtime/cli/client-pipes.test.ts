import { existsSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { CLI_MESSAGE } from '../../protocol/api/cli-protocol.ts'
import { EngineError } from '../../protocol/errors.ts'
import { ClientPipes } from './client-pipes.ts'
import type { CliMessage } from './cli-message.ts'

const socket = join(mkdtempSync(join(tmpdir(), 'porthole-pipes-')), 'cli.sock')

/** Pipes, and what their client is sent. */
function open() {
  const sent: CliMessage[] = []
  const pipes = new ClientPipes(async (type, payload) => void sent.push({ type, payload }), socket)
  return { pipes, sent }
}

const ready = { type: CLI_MESSAGE.pipeReady, payload: new Uint8Array() }
const ended = (how: number, bytes: number): CliMessage => {
  const payload = Buffer.alloc(9)
  payload[0] = how
  payload.writeBigUInt64LE(BigInt(bytes), 1)
  return { type: CLI_MESSAGE.pipeEnded, payload }
}

it('sends what was read of stdin along with the name of the pipe', async () => {
  const { pipes, sent } = open()
  const joined = pipes.fromStdin('/pipe', Buffer.from('head'))
  expect(sent).toEqual([
    { type: CLI_MESSAGE.pipeStdin, payload: new Uint8Array(Buffer.from('\x05/pipehead')) },
  ])
  expect(pipes.receive(ended(0, 2 ** 33))).toBe(true)
  expect(await joined).toBe(2 ** 33)
})

it('fills a pipe once the client has made it, and waits until all is shown', async () => {
  const { pipes, sent } = open()
  const filled: string[] = []
  const shown = pipes.toStdout(async (path) => void filled.push(path))
  expect(sent[0]!.type).toBe(CLI_MESSAGE.pipeStdout)
  expect(filled).toEqual([])
  pipes.receive(ready)
  await expect.poll(() => filled).toEqual([new TextDecoder().decode(sent[0]!.payload)])
  let over = false
  void shown.then(() => (over = true))
  await new Promise((resolve) => setImmediate(resolve))
  expect(over).toBe(false)
  pipes.receive(ended(0, 3))
  await shown
})

it('shows what came before a failure, and fails with it', async () => {
  const { pipes } = open()
  const shown = pipes.toStdout(() => Promise.reject(new EngineError('internal', 'the source broke')))
  pipes.receive(ready)
  pipes.receive(ended(0, 3))
  await expect(shown).rejects.toThrow('the source broke')
})

it('fails when the client cannot make the pipe, and when it is lost', async () => {
  const { pipes } = open()
  const refused = pipes.toStdout(() => Promise.resolve())
  pipes.receive(ended(1, 0))
  await expect(refused).rejects.toThrow('nobody reads the pipe any more')
  const waiting = pipes.fromStdin('/pipe', new Uint8Array())
  pipes.lose(new EngineError('unavailable', 'the docker client is gone'))
  await expect(waiting).rejects.toThrow('the docker client is gone')
  await expect(pipes.fromStdin('/pipe', new Uint8Array())).rejects.toThrow('the docker client is gone')
  expect(pipes.receive({ type: CLI_MESSAGE.pipeEnded, payload: new Uint8Array() })).toBe(false)
})

it('takes the name of a pipe away whose client is lost before it has told of it', async () => {
  const { pipes, sent } = open()
  const shown = pipes.toStdout(() => Promise.reject(new Error('nobody is ready')))
  const path = new TextDecoder().decode(sent[0]!.payload)
  writeFileSync(path, '')
  pipes.lose(new EngineError('unavailable', 'the docker client is gone'))
  await expect(shown).rejects.toThrow('the docker client is gone')
  expect(existsSync(path)).toBe(false)
})
