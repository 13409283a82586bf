import { describe, expect, it } from 'vitest'
import type { EngineRequest } from '../../../../guest/protocol/api/engine-transport.ts'
import { EngineClient } from '../../client/engine-client.ts'
import { archiveName, ImageArchivesState } from './image-archives-state.svelte.ts'

const bytes = (text: string) => new TextEncoder().encode(text)

/** An engine that takes what is sent to it and says, a line each, what it was. */
function engine(answer: (sent: string) => object) {
  const requests: EngineRequest[] = []
  const client = new EngineClient({
    async request(request) {
      requests.push(request)
      let sent = ''
      if (request.body && 'bytes' in request.body)
        for await (const chunk of request.body.bytes) sent += new TextDecoder().decode(chunk)
      const body = (async function* () {
        yield bytes(request.method === 'POST' ? `${JSON.stringify(answer(sent))}\n` : 'the tar')
      })()
      return { status: 200, headers: {}, body }
    },
    upgrade: () => Promise.reject(new Error('not asked for')),
  })
  return { archives: new ImageArchivesState(client), requests }
}

const file = (name: string, text: string) => new File([text], name)

describe('archives of images', () => {
  it('are sent to the engine whole, one after the other, and say what was loaded', async () => {
    const { archives, requests } = engine((sent) => ({ stream: `Loaded image: ${sent}\n` }))
    const loading = archives.load([file('a.tar', 'one'), file('b.tar', 'two')])
    expect(archives.uploads).toMatchObject([
      { name: 'a.tar', sent: 0, total: 3 },
      { name: 'b.tar', sent: 0, total: 3 },
    ])
    await loading
    expect(archives.loaded).toEqual(['Loaded image: one', 'Loaded image: two'])
    expect(archives.uploads).toEqual([])
    expect(requests.map(({ method, path }) => `${method} ${path}`)).toEqual(
      Array(2).fill('POST /images/load'),
    )
  })

  it('that are none are named, and do not stop the others', async () => {
    const { archives } = engine((sent) =>
      sent === 'no tar'
        ? {
            error: 'archive/tar: invalid tar header',
            errorDetail: { message: 'archive/tar: invalid tar header' },
          }
        : { stream: `Loaded image: ${sent}\n` },
    )
    await archives.load([file('photo.jpg', 'no tar'), file('b.tar', 'two')])
    expect(archives.error?.message).toBe('photo.jpg: archive/tar: invalid tar header')
    expect(archives.loaded).toEqual(['Loaded image: two'])
  })

  it('are saved as the engine gives them', async () => {
    const { archives, requests } = engine(() => ({}))
    const saving = archives.save('ann/app:v1')
    expect(archives.saving).toEqual(['ann/app:v1'])
    expect(await (await saving)!.text()).toBe('the tar')
    expect(archives.saving).toEqual([])
    expect(requests[0]!.path).toBe('/images/ann/app:v1/get')
  })

  it('get names that every file system takes', () => {
    expect(archiveName('registry.local/ann/app:v1')).toBe('registry.local-ann-app-v1.tar')
  })
})
