import { describe, expect, it } from 'vitest'
import type { EngineRequest } from '../../../guest/protocol/api/engine-transport.ts'
import { TakeState } from './take-state.svelte.ts'

/** An engine without containers, that has one project of Compose and refuses to save images with `refusal`. */
function takeOf(refusal?: string, seen: EngineRequest[] = []) {
  const labels = { 'com.docker.compose.project': 'shop' }
  const answers: Record<string, unknown> = {
    '/containers/json': [{ Id: 'c', Labels: { ...labels, 'com.docker.compose.oneoff': 'True' } }],
    '/networks': [],
    '/system/df': { Volumes: null },
  }
  return new TakeState({
    async request(request: EngineRequest) {
      seen.push(request)
      request.signal?.throwIfAborted()
      const refused = refusal !== undefined && request.path === '/images/get'
      const answer = refused ? { message: refusal } : (answers[request.path] ?? {})
      const body = (async function* () {
        yield new TextEncoder().encode(JSON.stringify(answer))
      })()
      return { status: refused ? 500 : 200, headers: {}, body }
    },
    upgrade: () => Promise.reject(new Error('not asked for')),
  })
}

const t = (key: string) => key

describe('what is taken along', () => {
  it('is shown before it is made', async () => {
    const take = takeOf()
    await take.look({ kind: 'project', name: 'shop' })
    expect(take.projects).toEqual(['shop'])
    expect(take.plan).toMatchObject({ project: 'shop', services: [], volumes: [] })
    expect(take.size).toBe(0)
    take.leave()
    expect(take.plan).toBeUndefined()
  })

  it('is a tar with the name of the project', async () => {
    const take = takeOf()
    await take.look({ kind: 'project', name: 'shop' })
    const made = await take.make(t)
    expect(made?.name).toBe('shop.tar')
    expect(made?.archive.size).toBeGreaterThan(1024)
    expect(take.packed).toBeUndefined()
  })

  it('is none when the engine refuses, in its words', async () => {
    const take = takeOf('no such image')
    expect(await take.make(t)).toBeUndefined()
    expect(take.error?.message).toBe('no such image')
    expect(take.packed).toBeUndefined()
  })

  it('is none when the person leaves, and that is no error', async () => {
    const take = takeOf()
    const making = take.make(t)
    take.leave()
    expect(await making).toBeUndefined()
    expect(take.error).toBeUndefined()
  })
})
