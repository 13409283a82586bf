import { expect, test } from 'vitest'
import type { TerminalsState } from '../../state/terminals/terminals-state.svelte.ts'
import { beginSession } from './begin-session.ts'
import { keysFor } from './typed-keys.ts'

test.each([
  ['ls', true, 'ls\r'],
  ['ls\npwd', true, 'ls\rpwd\r'],
  ['ls', false, 'ls'],
  ['ls\npwd', false, '\x1b[200~ls\rpwd\x1b[201~'],
])('%j with enter %s is %j', (commands, enter, keys) => {
  expect(keysFor(commands, enter)).toBe(keys)
})

/** Terminals of which the first is open, and what they were given. */
function fakeTerminals() {
  const done: string[] = []
  let answer!: () => void
  const answered = new Promise<void>((resolve) => (answer = resolve))
  const session = (id: number) => ({ id, answered, send: (keys: string) => done.push(`${id}: ${keys}`) })
  const terminals = {
    sessions: [session(1)],
    open: () => terminals.sessions.push(session(terminals.sessions.length + 1)),
    select: (id: number) => done.push(`select ${id}`),
  }
  return { answer, done, terminals: terminals as unknown as TerminalsState }
}

test('commands come to the first terminal once its shell has answered', async () => {
  const { answer, done, terminals } = fakeTerminals()
  const begun = beginSession(terminals, { terminals: 3, run: 'ls', autorun: true })
  expect([terminals.sessions.length, ...done]).toEqual([3, 'select 1'])
  answer()
  await begun
  expect(done).toEqual(['select 1', '1: ls\r'])
})

test('where there are no commands nothing is typed', async () => {
  const { done, terminals } = fakeTerminals()
  await beginSession(terminals, { terminals: 1, run: '', autorun: true })
  expect(done).toEqual(['select 1'])
})
