import { describe, expect, it } from 'vitest'
import type { KeptVolumes } from '../../../guest/protocol/api/engine-api.ts'
import type { EngineRequest } from '../../../guest/protocol/api/engine-transport.ts'
import { EngineError } from '../../../guest/protocol/errors.ts'
import { EngineClient } from '../client/engine-client.ts'
import { VolumesState } from './volumes-state.svelte.ts'

const data = { Name: 'data', SavedAt: null }
const saved: KeptVolumes = { state: 'saved', volumes: [data] }
const full: KeptVolumes = { state: 'unsaved', reason: 'storage is full', volumes: [data] }
const signal = new AbortController().signal

/** An engine that reports `states` to its followers and answers a save with `save`. */
function volumesOf(states: KeptVolumes[], save: () => Promise<KeptVolumes> = () => Promise.resolve(saved)) {
  const client = new EngineClient({
    async request({ method }: EngineRequest) {
      const answers = method === 'POST' ? [await save()] : states
      const body = (async function* () {
        for (const answer of answers) yield new TextEncoder().encode(`${JSON.stringify(answer)}\n`)
      })()
      return { status: 200, headers: {}, body }
    },
    upgrade: () => Promise.reject(new Error('not asked for')),
  })
  return new VolumesState(client)
}

describe('the state of the volumes', () => {
  it('is what the engine told last', async () => {
    const volumes = volumesOf([saved, full])
    expect(volumes.state).toBe('none')
    await volumes.follow(signal)
    expect(volumes.state).toBe('unsaved')
    expect(volumes.notice).toBe('storage is full')
  })

  it('gives a reason once: it is hidden when read, until it has been over', async () => {
    const volumes = volumesOf([full])
    await volumes.follow(signal)
    volumes.hideNotice()
    await volumes.follow(signal)
    expect(volumes.notice).toBeUndefined()
    expect(volumes.reason).toBe('storage is full')
    await volumes.save()
    expect(volumes.reason).toBeUndefined()
    await volumes.follow(signal)
    expect(volumes.notice).toBe('storage is full')
  })

  it('is saving from the moment that a save is asked for until it is answered', async () => {
    let answer = (_: KeptVolumes) => {}
    const volumes = volumesOf([saved], () => new Promise((resolve) => (answer = resolve)))
    await volumes.follow(signal)
    const done = volumes.save()
    expect(volumes.state).toBe('saving')
    answer(saved)
    await done
    expect(volumes.state).toBe('saved')
  })

  it('is unsaved when a save could not be asked for', async () => {
    const volumes = volumesOf([saved], () => Promise.reject(new EngineError('internal', 'no memory')))
    await volumes.follow(signal)
    await volumes.save()
    expect(volumes.state).toBe('unsaved')
    expect(volumes.notice).toBe('no memory')
  })
})
