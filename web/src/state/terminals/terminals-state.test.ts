// @vitest-environment ./test/support/client-environment.ts
import { expect, test, vi } from 'vitest'
import type { EngineClient } from '../../client/engine-client.ts'
import { TerminalsState } from './terminals-state.svelte.ts'

/** Opens two terminals, the second in front, and records what each has sent. */
function terminals() {
  const state = new TerminalsState({} as EngineClient, () => Promise.resolve())
  const sent: [number, string | Uint8Array][] = []
  const open = () => {
    const session = state.open({ kind: 'guest' })
    vi.spyOn(session, 'send').mockImplementation((input) => void sent.push([session.id, input]))
    return session
  }
  return { state, behind: open(), front: open(), sent }
}

test('a terminal behind answers its own process, not the one in front', () => {
  const { state, behind, sent } = terminals()
  state.input(behind, '\x1b[24;80R')
  expect(sent).toEqual([[behind.id, '\x1b[24;80R']])
})

test('Ctrl is for the next character of the one in front: replies leave it held', () => {
  const { state, behind, front, sent } = terminals()
  state.ctrl = true
  state.input(behind, 'c')
  state.input(front, '\x1b[?1;2c')
  expect(state.ctrl).toBe(true)
  state.input(front, 'c')
  state.input(front, 'c')
  expect(state.ctrl).toBe(false)
  expect(sent.map(([, input]) => input)).toEqual(['c', '\x1b[?1;2c', '\x03', 'c'])
})
