// @vitest-environment ./test/support/client-environment.ts
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { EngineError } from '../../../guest/protocol/errors.ts'
import type { BootSession } from '../worker/machine-api.ts'
import { KeptMachineState } from './kept-machine-state.svelte.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const NEW: BootSession = { outcome: { state: 'none' }, returned: [], keeps: 'here' }

function scene(session = NEW) {
  const calls: string[] = []
  const scene = { activity: 0, failure: undefined as EngineError | undefined }
  const act = async (call: string): Promise<void> => {
    calls.push(call)
    if (scene.failure) throw scene.failure
  }
  const kept = new KeptMachineState({
    session,
    api: {
      save: async (idle) => {
        await act(idle ? 'save if worked' : 'save')
        return idle ? null : { savedAt: 5, bytes: 7 }
      },
      saveToFile: async () => {
        await act('file')
        return new Blob(['x'])
      },
      openFile: () => act('open'),
      forget: () => act('forget'),
    },
    saveVolumes: async () => void calls.push('volumes'),
    activity: () => scene.activity,
  })
  return Object.assign(scene, { kept, calls })
}

const minutes = (count: number) => vi.advanceTimersByTimeAsync(count * 60_000)

describe('a machine that is kept', () => {
  test('is saved after each minute, volumes first, if it has worked', async () => {
    const { kept, calls } = scene()
    kept.setHidden(false)
    await minutes(2)
    expect(calls).toEqual(['volumes', 'save if worked', 'volumes', 'save if worked'])
    expect(kept.savedAt).toBeUndefined()
    kept.close()
  })

  test('is saved when the page is hidden, and not while it is', async () => {
    const { kept, calls } = scene()
    kept.setHidden(false)
    kept.setHidden(true)
    await minutes(9)
    expect(calls).toEqual(['volumes', 'save if worked'])
    kept.setHidden(false)
    await minutes(1)
    expect(calls).toHaveLength(4)
    kept.close()
  })

  test('that was gone on with was saved when it was', () => {
    expect(scene({ ...NEW, outcome: { state: 'resumed', savedAt: 3 } }).kept.savedAt).toBe(3)
  })

  test('tells why it could not be saved, until it can', async () => {
    const one = scene()
    one.failure = new EngineError('exhausted', 'the browser’s storage for this site is full')
    await one.kept.save()
    expect(one.kept).toMatchObject({ unsaved: one.failure, busy: false, savedAt: undefined })
    expect(await one.kept.open(new Blob())).toBe(false)
    expect(await one.kept.toFile()).toBeUndefined()
    expect(one.kept.error).toBe(one.failure)
    one.failure = undefined
    await one.kept.save()
    expect(one.kept).toMatchObject({ unsaved: undefined, savedAt: 5 })
    expect(await one.kept.forget()).toBe(true)
  })
})

test('what was done since the last save makes the next one', async () => {
  const one = scene()
  one.kept.setHidden(false)
  one.activity++
  await minutes(1)
  expect(one.calls.at(-1)).toBe('save')
  await minutes(1)
  expect(one.calls.at(-1)).toBe('save if worked')
  one.kept.close()
})

test('a machine that is not kept has its volumes saved when the page is hidden', async () => {
  const { kept, calls } = scene({ ...NEW, keeps: 'elsewhere' })
  kept.setHidden(false)
  await minutes(3)
  expect(calls).toEqual([])
  kept.setHidden(true)
  expect(calls).toEqual(['volumes'])
  expect(await kept.forget()).toBe(true)
  expect(calls).not.toContain('forget')
})
