import { expect, test } from 'vitest'
import type { TerminalsState } from '../../state/terminals/terminals-state.svelte.ts'
import { beginSession } from './begin-session.ts'
import { typedKeys } from './typed-keys.ts'

test.each([
  ['ls', 'ls'],
  ['ls\npwd', '\x1b[200~ls\rpwd\x1b[201~'],
])('%j is typed as %j', (commands, keys) => {
  expect(typedKeys(commands)).toBe(keys)
})

/** Terminals of which the first is open, and what they were given. */
function fakeTerminals() {
  const done: string[] = []
  let answer!: () => void
  const prompted = new Promise<void>((resolve) => (answer = resolve))
  const session = (id: number) => ({
    ...{ id, prompted },
    send: (keys: string) => done.push(`${id}: ${keys}`),
    enter: (lines: string) => done.push(`${id} enters ${lines}`),
  })
  const terminals = {
    sessions: [session(1)],
    open: () => terminals.sessions.push(session(terminals.sessions.length + 1)),
    select: (id: number) => done.push(`select ${id}`),
  }
  return { answer, done, terminals: terminals as unknown as TerminalsState }
}

test('commands come to the first terminal once its shell is at its prompt', async () => {
  const { answer, done, terminals } = fakeTerminals()
  const begun = beginSession(terminals, { terminals: 3, run: 'ls', autorun: true })
  expect([terminals.sessions.length, ...done]).toEqual([3, 'select 1'])
  answer()
  await begun
  expect(done).toEqual(['select 1', '1 enters ls'])
})

test('where there are no commands nothing is typed', async () => {
  const { done, terminals } = fakeTerminals()
  await beginSession(terminals, { terminals: 1, run: '', autorun: true })
  expect(done).toEqual(['select 1'])
})
