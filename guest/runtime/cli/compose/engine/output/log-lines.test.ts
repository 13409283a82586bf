import { expect, it } from 'vitest'
import { stdcopyFrame } from '../../../../../vocabulary/stdcopy.ts'
import { frame } from '../../../../testing/cli/canned-engine.ts'
import { MemorySession } from '../../../../testing/cli/memory-session.ts'
import type { ComposeContext } from '../../context.ts'
import { linesOfBody, LogConsumer } from './log-lines.ts'

function consumer(options: { colour: boolean; prefixes: boolean }, terminal = false) {
  const session = new MemorySession({ argv: [], terminal })
  const context = { session, colour: terminal, now: () => 0 } as unknown as ComposeContext
  return { session, consumer: new LogConsumer(context, options) }
}

async function* chunks(...parts: Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* parts
}

it('aligns the names of all containers', async () => {
  const { session, consumer: log } = consumer({ colour: true, prefixes: true })
  log.register('web-1')
  log.register('a-long-name-1')
  await log.log('web-1', 'hello')
  await log.log('a-long-name-1', 'there', 'stderr')
  expect(session.stdout.text).toBe('web-1          | hello\n')
  expect(session.stderr.text).toBe('a-long-name-1  | there\n')
})

it('gives each container a colour of its own on a terminal', async () => {
  const { session, consumer: log } = consumer({ colour: true, prefixes: true }, true)
  await log.log('a', 'x')
  await log.log('b', 'y')
  expect(session.stdout.text).toBe('\x1b[36ma  | \x1b[0mx\n\x1b[33mb  | \x1b[0my\n')
})

it('cuts each stream into lines wherever the pieces were split, and ends with what is left', async () => {
  const whole = Buffer.concat([frame(1, 'one\ntw'), frame(2, 'oops\n'), frame(1, 'o\nthree')])
  for (let at = 0; at <= whole.length; at += 1) {
    const lines: string[] = []
    await linesOfBody(chunks(whole.subarray(0, at), whole.subarray(at)), false, (line, stream) => {
      lines.push(`${stream}: ${line}`)
      return Promise.resolve()
    })
    expect(lines, `split at ${at}`).toEqual(['stdout: one', 'stderr: oops', 'stdout: two', 'stdout: three'])
  }
})

it('shows a character that is never finished', async () => {
  const lines: string[] = []
  const half = stdcopyFrame('stdout', Buffer.from('é').subarray(0, 1))
  await linesOfBody(chunks(half), false, async (line) => void lines.push(line))
  expect(lines).toEqual(['\ufffd'])
})
