import { expect, it } from 'vitest'
import { isPiped, watchBytes, type BytesWatch, type PipedBytes } from './piped-bytes.ts'

async function* three(): AsyncGenerator<Uint8Array> {
  for (const size of [1, 2, 3]) yield new Uint8Array(size)
}

function piped(fails = false): PipedBytes {
  return {
    [Symbol.asyncIterator]: three,
    peek: async () => Uint8Array.of(7),
    pipeTo: async (_, onBytes) => {
      onBytes?.(4)
      if (fails) throw new Error('broken')
      return 6
    },
  }
}

/** A watch, and what it was told. */
function watch(): { told: string[]; watch: BytesWatch } {
  const told: string[] = []
  const tell = (what: string) => (bytes?: number) =>
    void told.push(bytes === undefined ? what : `${what} ${bytes}`)
  return { told, watch: { passed: tell('passed'), whole: tell('whole'), over: () => tell('over')() } }
}

it('tells of bytes that are read', async () => {
  const { told, watch: watching } = watch()
  let size = 0
  for await (const chunk of watchBytes(three(), watching)) size += chunk.length
  expect(size).toBe(6)
  expect(told).toEqual(['passed 1', 'passed 3', 'passed 6', 'whole 6', 'over'])
})

it('tells of a reader that leaves', async () => {
  const { told, watch: watching } = watch()
  for await (const _ of watchBytes(piped(), watching)) break
  expect(told).toEqual(['passed 1', 'over'])
})

it('tells of bytes that are piped, which then cannot be read', async () => {
  const { told, watch: watching } = watch()
  const bytes = watchBytes(piped(), watching)
  if (!isPiped(bytes)) throw new Error('not piped')
  const passed: number[] = []
  expect(await bytes.peek!(1)).toEqual(Uint8Array.of(7))
  expect(await bytes.pipeTo('/pipe', (count) => passed.push(count))).toBe(6)
  for await (const _ of bytes) throw new Error('bytes twice')
  expect([told, passed]).toEqual([['passed 4', 'whole 6', 'over'], [4]])
})

it('tells of a pipe that breaks', async () => {
  const { told, watch: watching } = watch()
  await expect((watchBytes(piped(true), watching) as PipedBytes).pipeTo('/pipe')).rejects.toThrow('broken')
  expect(told).toEqual(['passed 4', 'over'])
})

it('leaves what cannot be piped as it is', () => {
  expect(isPiped(watchBytes(three(), {}))).toBe(false)
  expect(isPiped(undefined)).toBe(false)
})
