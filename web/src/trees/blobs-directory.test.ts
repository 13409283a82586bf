import { expect, it } from 'vitest'
import { EngineError } from '../../../guest/protocol/errors.ts'
import { BlobsDirectory, type Blob } from './blobs-directory.ts'

const CONTENT = Uint8Array.from({ length: 1000 }, (_, index) => index % 251)

/** A blob in pieces of 64 bytes, where it was read from, and how many of those readings have not ended. */
function blob() {
  const starts: number[] = []
  const made = {
    starts,
    open: 0,
    blob: {
      size: CONTENT.length,
      async *read(start: number) {
        starts.push(start)
        made.open++
        try {
          for (let at = start; at < CONTENT.length; at += 64) yield CONTENT.subarray(at, at + 64)
        } finally {
          made.open--
        }
      },
    } satisfies Blob,
  }
  return made
}

async function open(blob: Blob) {
  const node = (await new BlobsDirectory({ open: () => blob }).lookup('sha256:aa'))!
  const read = async (offset: number, size: number): Promise<Uint8Array> => {
    const target = new Uint8Array(size)
    return target.subarray(0, await node.tree.readInto(node, offset, target))
  }
  return { node, read }
}

it('reads on where it was, whatever the size of the pieces', async () => {
  const { blob: made, starts } = blob()
  const { node, read } = await open(made)
  expect(node.size).toBe(1000)
  const parts = await Promise.all([read(0, 100), read(100, 500), read(600, 400)])
  expect(Buffer.concat(parts).equals(CONTENT)).toBe(true)
  expect(starts).toEqual([0])
})

it('begins anew for another place, also after its end', async () => {
  const { blob: made, starts } = blob()
  const { read } = await open(made)
  expect(await read(900, 200)).toEqual(CONTENT.subarray(900))
  expect(await read(10, 10)).toEqual(CONTENT.subarray(10, 20))
  expect(starts).toEqual([900, 10])
})

it('fails one read when the content fails, and tries again at the next', async () => {
  let fails = true
  const { blob: made } = blob()
  const failing: Blob = {
    size: made.size,
    async *read(start) {
      if (fails) throw new EngineError('corrupt', 'a block is damaged')
      yield* made.read(start)
    },
  }
  const { read } = await open(failing)
  await expect(read(0, 10)).rejects.toThrow('a block is damaged')
  fails = false
  expect(await read(0, 10)).toEqual(CONTENT.subarray(0, 10))
})

it('ends a reading that is left, and begins anew for the next', async () => {
  const made = blob()
  const { node, read } = await open(made.blob)
  await read(0, 100)
  expect(made.open).toBe(1)
  node.onClose!()
  await expect.poll(() => made.open).toBe(0)
  expect(await read(100, 900)).toEqual(CONTENT.subarray(100))
  expect([made.starts, made.open]).toEqual([[0, 100], 0])
})
