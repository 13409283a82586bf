import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { EngineError } from '../../../guest/protocol/errors.ts'
import { parseSnapshotIndex, readSnapshot } from './snapshot.ts'
import type { SnapshotIndex } from './snapshot.ts'

const parts = ['first', 'second', '3'].map((text) => Buffer.from(text))
const index: SnapshotIndex = {
  format: 1,
  buildId: 'b',
  memory: 128,
  rawSize: 100,
  parts: parts.map((bytes, number) => ({
    name: `state.zst.0${number}`,
    size: bytes.length,
    sha256: createHash('sha256').update(bytes).digest('hex'),
  })),
  pages: { name: 'pages.gz', size: 1, sha256: 'x' },
  nine: { format: 1, msize: 8192, fids: [], inodes: [] },
  warmChunks: [],
}

const whole = (path: string) => Promise.resolve(new Uint8Array(parts[Number(path.at(-1))]!))

describe('a snapshot', () => {
  it('is its parts in order, with the bytes counted as they come', async () => {
    const seen: [number, number][] = []
    const state = await readSnapshot(whole, index, (loaded, total) => seen.push([loaded, total]))
    expect(Buffer.from(state).toString()).toBe('firstsecond3')
    expect(seen[0]).toEqual([0, 12])
    expect(seen.at(-1)).toEqual([12, 12])
  })

  it.each([
    ['changed', (bytes: Uint8Array) => bytes.map((byte, at) => (at === 2 ? byte ^ 1 : byte))],
    ['cut off', (bytes: Uint8Array) => bytes.subarray(1)],
  ])('is refused by name when a part is %s', async (_how, damage) => {
    const read = async (path: string) => (path.endsWith('01') ? damage(await whole(path)) : whole(path))
    await expect(readSnapshot(read, index, () => undefined)).rejects.toMatchObject({
      code: 'corrupt',
      message: expect.stringContaining('guest/state/128/state.zst.01'),
    })
  })

  it('passes on why a part could not be had', async () => {
    const offline = new EngineError('unavailable', 'state.zst.02 could not be downloaded')
    const read = (path: string) => (path.endsWith('02') ? Promise.reject(offline) : whole(path))
    await expect(readSnapshot(read, index, () => undefined)).rejects.toBe(offline)
  })

  it('has an index of this version, or is refused', () => {
    expect(parseSnapshotIndex(Buffer.from(JSON.stringify(index)), 'index.json')).toEqual(index)
    for (const text of ['', 'null', '[]', '{"format":2}', JSON.stringify({ ...index, parts: undefined })]) {
      expect(() => parseSnapshotIndex(Buffer.from(text), 'guest/state/128/index.json')).toThrow(
        /guest\/state\/128\/index\.json/,
      )
    }
  })
})
