import { describe, expect, it } from 'vitest'
import {
  allows,
  CONTAINER_ACTIONS,
  CONTAINER_STATES,
  CONTAINER_TABLE,
  nextState,
} from './container-states.ts'
import { HTTP_STATUS } from '../errors.ts'

const at = (state: (typeof CONTAINER_STATES)[number]) => ({ id: 'f00d', name: 'f0', state })
const refusal = (run: () => unknown) => {
  try {
    run()
  } catch (error) {
    return error as { code: keyof typeof HTTP_STATUS; message: string }
  }
  throw new Error('was allowed')
}

describe('the state table', () => {
  it('reaches every state from created', () => {
    const reached = new Set<string>(['created'])
    for (let before = 0; before !== reached.size;) {
      before = reached.size
      for (const state of CONTAINER_STATES) {
        if (!reached.has(state)) continue
        for (const step of Object.values(CONTAINER_TABLE[state])) if ('to' in step) reached.add(step.to)
      }
    }
    expect([...reached].sort()).toEqual([...CONTAINER_STATES].sort())
  })

  it.each([
    ['running', 'start', 304, 'container is already running'],
    ['exited', 'stop', 304, 'container is already stopped'],
    ['paused', 'start', 409, 'cannot start a paused container, try unpause instead'],
    ['paused', 'pause', 409, 'Container f00d is already paused'],
    ['running', 'unpause', 500, 'Container f00d is not paused'],
    ['exited', 'kill', 409, 'container f00d is not running'],
    ['exited', 'exec', 409, 'container f00d is not running'],
    ['paused', 'exec', 409, 'Container f0 is paused, unpause the container before exec'],
    [
      'running',
      'remove',
      409,
      'cannot remove container "f0": container is running: stop the container before removing or force remove',
    ],
    ['paused', 'remove', 409, 'cannot remove container "f0": container is paused and must be unpaused first'],
    ['removing', 'remove', 409, 'removal of container f0 is already in progress'],
    ['dead', 'start', 409, 'container is marked for removal and cannot be started'],
  ] as const)('answers %s in state %s as dockerd does', (state, action, status, message) => {
    const error = refusal(() => nextState(at(state), action))
    expect([HTTP_STATUS[error.code], error.message]).toEqual([status, message])
  })

  it('offers in every state at least one action and never both pause and unpause', () => {
    for (const state of CONTAINER_STATES) {
      expect(CONTAINER_ACTIONS.some((action) => allows(state, action))).toBe(true)
      expect(allows(state, 'pause') && allows(state, 'unpause')).toBe(false)
    }
  })
})
