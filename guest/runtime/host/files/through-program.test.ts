import { expect, test } from 'vitest'
import { EngineError } from '../../../protocol/errors.ts'
import { collect } from '../../testing/collect.ts'
import { throughProgram } from './through-program.ts'

async function* chunks(count: number, failure?: Error): AsyncGenerator<Uint8Array> {
  for (let i = 0; i < count; i++) yield Buffer.alloc(64 * 1024, 97 + (i % 26))
  if (failure) throw failure
}

const through = async (program: [string, ...string[]], bytes: AsyncIterable<Uint8Array>) =>
  Buffer.concat(await collect(throughProgram(program, bytes)))

test('what a program writes comes as the source and the reader go', async () => {
  const whole = Buffer.concat(await collect(chunks(100)))
  expect((await through(['cat'], chunks(100))).equals(whole)).toBe(true)
})

test('a program’s failure is an error in its words', async () => {
  const failing = through(['sh', '-c', 'cat >/dev/null; echo "sh: no such thing" >&2; exit 3'], chunks(1))
  await expect(failing).rejects.toMatchObject({ code: 'invalid', message: 'sh: no such thing' })
  await expect(through(['sh', '-c', 'exit 3'], chunks(1))).rejects.toThrow('sh ended with 3')
})

test('a program that is killed is no judgement on what it read', async () => {
  const killed = through(['sh', '-c', 'cat >/dev/null; kill -9 $$'], chunks(1))
  await expect(killed).rejects.toMatchObject({ code: 'internal', message: 'sh was ended by SIGKILL' })
})

test('a program that has seen enough need not read the rest', async () => {
  expect((await through(['head', '-c', '5'], chunks(100))).toString()).toBe('aaaaa')
})

test('a failure of the source is that failure', async () => {
  const failure = new EngineError('unavailable', 'the client has gone')
  await expect(through(['cat'], chunks(2, failure))).rejects.toBe(failure)
})

test('a program that is not there is named', async () => {
  await expect(through(['no-such-program'], chunks(1))).rejects.toThrow('no-such-program: ')
})

test('a reader that leaves ends the program and the source', async () => {
  let ended = false
  async function* endless(): AsyncGenerator<Uint8Array> {
    try {
      for (;;) yield* chunks(1)
    } finally {
      ended = true
    }
  }
  for await (const chunk of throughProgram(['cat'], endless())) {
    expect(chunk.length).toBeGreaterThan(0)
    break
  }
  await expect.poll(() => ended).toBe(true)
})
