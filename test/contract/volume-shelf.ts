/** What the shelf of volumes must do over any KeyValueStore; each implementation runs it (volume-shelf.test.ts). */
import { randomBytes } from 'node:crypto'
import { beforeEach, describe, expect, it } from 'vitest'
import type { StoredVolume } from '../../guest/protocol/api/volumes.ts'
import { BLOCK_SIZE } from '../../web/src/content/block-writer.ts'
import type { KeyValueStore } from '../../web/src/storage/key-value-store.ts'
import { VolumeShelf } from '../../web/src/volumes/volume-shelf.ts'

export const volume = (name: string, more: Partial<StoredVolume> = {}): StoredVolume => ({
  ...{ name, createdAt: '2026-01-02T03:04:05Z', labels: null, options: null },
  ...more,
})

export async function* pieces(bytes: Uint8Array, size = 100_000): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < bytes.length; start += size) yield bytes.subarray(start, start + size)
}

/** A tar that never gets to its end. */
export async function* brokenOff(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield* pieces(bytes)
  throw new Error('the guest is gone')
}

export async function contentOf(shelf: VolumeShelf, name: string): Promise<Buffer> {
  const { size, bytes } = await shelf.load(name)
  const parts: Uint8Array[] = []
  for await (const part of bytes) parts.push(part)
  const whole = Buffer.concat(parts)
  expect(whole).toHaveLength(size)
  return whole
}

const blocksOf = async (store: KeyValueStore): Promise<number> => (await store.keys('data/')).length

export function describeVolumeShelf(name: string, open: () => KeyValueStore): void {
  describe(`the shelf of volumes over ${name}`, () => {
    let store: KeyValueStore
    let shelf: VolumeShelf
    const old = randomBytes(BLOCK_SIZE + 17)
    const next = randomBytes(3 * BLOCK_SIZE)

    beforeEach(() => {
      store = open()
      shelf = new VolumeShelf(store)
    })

    /** What a page that was loaded again sees. */
    const reloaded = () => new VolumeShelf(store)

    it('keeps a volume whole over a reload', async () => {
      const kept = volume('data', { labels: { a: 'b' }, options: { type: 'tmpfs', device: 'tmpfs' } })
      await shelf.save(kept, pieces(old))
      await shelf.save(volume('empty'), pieces(new Uint8Array(0)))
      expect(await reloaded().list()).toEqual([kept, volume('empty')])
      expect((await contentOf(reloaded(), 'data')).equals(old)).toBe(true)
      expect(await contentOf(reloaded(), 'empty')).toHaveLength(0)
    })

    it('keeps the last of several saves, and no block of the others', async () => {
      await shelf.save(volume('data'), pieces(next))
      await shelf.save(volume('data', { labels: { new: '' } }), pieces(old))
      expect(await reloaded().list()).toEqual([volume('data', { labels: { new: '' } })])
      expect((await contentOf(reloaded(), 'data')).equals(old)).toBe(true)
      expect(await blocksOf(store)).toBe(2)
    })

    it('has what it had when a save breaks off, and nothing of that save', async () => {
      await shelf.save(volume('data'), pieces(old))
      await expect(shelf.save(volume('data'), brokenOff(next))).rejects.toThrow('the guest is gone')
      expect((await contentOf(shelf, 'data')).equals(old)).toBe(true)
      expect(await blocksOf(store)).toBe(2)
      await expect(shelf.save(volume('new'), brokenOff(next))).rejects.toThrow('the guest is gone')
      expect(await shelf.list()).toEqual([volume('data')])
      expect(await blocksOf(store)).toBe(2)
    })

    it('has what it had when the page goes away in the middle of a save; the rest is swept', async () => {
      await shelf.save(volume('data'), pieces(old))
      let reached = () => {}
      const middle = new Promise<void>((resolve) => (reached = resolve))
      // The save of a page that is gone never goes on.
      void shelf.save(
        volume('data'),
        (async function* () {
          yield* pieces(next)
          reached()
          await new Promise(() => undefined)
        })(),
      )
      await middle
      expect(await blocksOf(store)).toBeGreaterThan(2)
      const again = reloaded()
      await again.sweep(false)
      expect(await blocksOf(store), 'another tab may be saving').toBeGreaterThan(2)
      await again.sweep(true)
      expect(await blocksOf(store)).toBe(2)
      expect((await contentOf(again, 'data')).equals(old)).toBe(true)
    })

    it('forgets a removed volume with its blocks; removing again is no error', async () => {
      await shelf.save(volume('data'), pieces(old))
      await shelf.save(volume('data.2'), pieces(next))
      await shelf.remove('data')
      await shelf.remove('data')
      expect(await reloaded().list()).toEqual([volume('data.2')])
      expect(await blocksOf(store)).toBe(3)
      await expect(shelf.load('data')).rejects.toMatchObject({ code: 'not-found' })
    })

    it('says which volume was damaged in the store', async () => {
      await shelf.save(volume('data'), pieces(old))
      const [block] = await store.keys('data/')
      await store.setMany([[block!, randomBytes(BLOCK_SIZE)]])
      await expect(contentOf(shelf, 'data')).rejects.toMatchObject({
        code: 'corrupt',
        message: expect.stringContaining('volume data is damaged'),
      })
    })

    it('keeps what is saved again unchanged as it was, with its new record', async () => {
      await shelf.save(volume('data'), pieces(old))
      const versions = await shelf.versions()
      const blocks = await blocksOf(store)
      await shelf.save(volume('data', { labels: { a: 'b' } }), pieces(old))
      expect(await shelf.newerThan(versions)).toEqual([])
      expect(await shelf.list()).toEqual([volume('data', { labels: { a: 'b' } })])
      expect([await blocksOf(store), (await contentOf(reloaded(), 'data')).equals(old)]).toEqual([
        blocks,
        true,
      ])
    })

    it('knows what was saved after a machine, a save under way included', async () => {
      await shelf.save(volume('data'), pieces(old))
      await shelf.save(volume('same'), pieces(old))
      let goOn!: () => void
      const paused = new Promise<void>((resolve) => (goOn = resolve))
      const slow = async function* () {
        yield old
        await paused
      }
      const saving = shelf.save(volume('same'), slow())
      const versions = await shelf.versions()
      goOn()
      await saving
      expect(await reloaded().newerThan(versions)).toEqual([])
      await shelf.save(volume('data'), pieces(next))
      await shelf.save(volume('made'), pieces(next))
      await shelf.save(volume('empty'), pieces(new Uint8Array(0)))
      expect(await reloaded().newerThan(versions)).toEqual(['data', 'made'])
    })
  })
}
