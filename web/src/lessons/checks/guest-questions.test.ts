import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { EngineApi } from '../../../../guest/vocabulary/engine-client/engine-api.ts'
import { askGuest, parseAnswers, quoted } from './guest-questions.ts'
import type { LessonGuest } from './lesson-guest.ts'

const NO_ENGINE = new EngineApi({
  request: () => Promise.reject(new Error('there is no engine here')),
  upgrade: () => Promise.reject(new Error('there is no engine here')),
})

/** This machine in the guest's place: it has bash, timeout and base64 too. */
const here: LessonGuest = {
  api: NO_ENGINE,
  run: async ([program, ...words]) => {
    const { stdout, stderr } = await promisify(execFile)(program!, words)
    return { code: 0, stdout, stderr }
  },
}

const ask = (...scripts: string[]) =>
  askGuest(
    here,
    scripts.map((script) => ({ script, limit: 1_000 })),
  )

test('each question has its own answer and status', async () => {
  const { answers } = await ask('echo one', 'exit 3', 'printf "two\\n\\n"; echo wrong >&2', "echo 'it''s'")
  expect(answers).toEqual([
    { output: 'one\n', status: 0 },
    { output: '', status: 3 },
    { output: 'two\n\nwrong\n', status: 0 },
    { output: 'its\n', status: 0 },
  ])
})

test('an answer may be anything, what looks like another answer too', async () => {
  const odd = `b25l 0\nit's "$HOME" \`id\` 容器\\`
  const { answers } = await ask(`printf %s ${quoted(odd)}`, 'printf "\\0\\377x"', 'cat')
  expect(answers).toEqual([
    { output: odd, status: 0 },
    { output: '\u0000\ufffdx', status: 0 },
    { output: '', status: 0 },
  ])
})

test('an answer has a limit, and one without end ends', async () => {
  const { answers } = await ask('head -c 5000 /dev/zero | tr "\\0" x', 'yes', 'echo next')
  expect(answers[0]).toEqual({ output: 'x'.repeat(1_000), status: 0 })
  expect(answers[1]!.output).toHaveLength(1_000)
  expect(answers[1]!.status).not.toBe(0)
  expect(answers[2]).toEqual({ output: 'next\n', status: 0 })
})

test('a process that a script leaves behind holds up nothing', async () => {
  const { answers } = await ask('sleep 300 & echo $!', 'echo next')
  expect(answers[1]).toEqual({ output: 'next\n', status: 0 })
  process.kill(Number(answers[0]!.output))
})

test('no questions cost no process', async () => {
  expect(await ask()).toEqual({ asker: 0, answers: [] })
})

test.each(['', 'x\nb25l 0\n', '1\nb25l\n', '1\n', '1\nb25l 0\nb25l 0\n', '1\n<b> 0\n'])(
  '%j is refused',
  (output) => {
    expect(() => parseAnswers(output, 1)).toThrow("the guest's answers cannot be read")
  },
)
