import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { BASE, savedMachine } from '../../../test/support/saved-machines.ts'
import { decodeSession, encodeSession } from './session-format.ts'

const HEADER_AT = 24

async function bytesOf(saved = savedMachine()): Promise<Buffer> {
  return Buffer.concat(await encodeSession(saved))
}

const blob = (bytes: Uint8Array): Blob => new Blob([bytes as Uint8Array<ArrayBuffer>])

/** The file with another header, and a digest that holds: what somebody may make on purpose. */
async function forged(change: (header: Record<string, unknown>) => unknown): Promise<Blob> {
  const bytes = await bytesOf()
  const length = bytes.readUInt32LE(20)
  const header = JSON.parse(bytes.subarray(HEADER_AT, HEADER_AT + length).toString()) as Record<
    string,
    unknown
  >
  const text = Buffer.from(JSON.stringify(change(header)))
  const prefix = Buffer.from(bytes.subarray(0, HEADER_AT))
  prefix.writeUInt32LE(text.length, 20)
  const content = Buffer.concat([prefix, text, bytes.subarray(HEADER_AT + length, -32)])
  return blob(Buffer.concat([content, createHash('sha256').update(content).digest()]))
}

test('a machine is the same after it was written and read', async () => {
  const saved = savedMachine()
  expect(await decodeSession(blob(await bytesOf(saved)), BASE)).toEqual(saved)
})

test('one of another build or another size is refused, and says of which it is', async () => {
  const file = blob(await bytesOf())
  await expect(decodeSession(file, { ...BASE, buildId: 'c'.repeat(32) })).rejects.toMatchObject({
    code: 'not-supported',
    details: { reason: 'other-build' },
    message: 'the saved machine is of build bbbbbbbbbbbb of Porthole, and this page is of build cccccccccccc',
  })
  await expect(decodeSession(file, { ...BASE, memory: 128 })).rejects.toMatchObject({
    details: { reason: 'other-memory' },
  })
})

test('what is no such file is called so', async () => {
  const picture = blob(new Uint8Array(1000).fill(0x89))
  await expect(decodeSession(picture, BASE)).rejects.toThrow('this is not a saved machine of Porthole')
})

test('a file that ends early, goes on or was altered anywhere is refused', async () => {
  const bytes = await bytesOf()
  for (let end = 0; end < bytes.length; end += 13)
    await expect(decodeSession(blob(bytes.subarray(0, end)), BASE)).rejects.toMatchObject({ code: 'corrupt' })
  await expect(decodeSession(blob(Buffer.concat([bytes, Buffer.of(0)])), BASE)).rejects.toThrow('damaged')
  for (let at = 16; at < bytes.length; at += 11) {
    const altered = Buffer.from(bytes)
    altered[at]! ^= 0x20
    await expect(decodeSession(blob(altered), BASE), `byte ${at}`).rejects.toMatchObject({
      code: expect.stringMatching('corrupt|not-supported') as string,
    })
  }
})

describe('a header that was made on purpose is refused before its sizes are believed:', () => {
  const GIB = 2 ** 30
  const cases: Record<string, (header: Record<string, unknown>) => unknown> = {
    'more memory than any guest has': (header) => ({ ...header, memory: 2 ** 20 }),
    'devices that unpack to gigabytes': (header) => ({ ...header, devices: { size: GIB, packed: 10 } }),
    'packed bytes beyond what they unpack to': (header) => ({
      ...header,
      devices: { size: 10, packed: GIB },
    }),
    'more pages than memory': (header) => ({ ...header, pages: 2 ** 30 }),
    'content that is not that of its pages': (header) => ({ ...header, content: { size: 7, packed: 7 } }),
    'negative counts': (header) => ({ ...header, zeroed: -1 }),
    'a number that is none': (header) => ({ ...header, savedAt: '12' }),
    'a 9P state without its tables': (header) => ({ ...header, nine: { format: 1 } }),
    'inode ranges of texts': (header) => ({
      ...header,
      nine: { format: 1, msize: 1, fids: [], inodes: ['x'] },
    }),
    'saves of volumes that are no names': (header) => ({ ...header, volumes: { data: [7] } }),
    'no object at all': () => [],
  }
  test.each(Object.entries(cases))('%s', async (_name, change) => {
    await expect(decodeSession(await forged(change), BASE)).rejects.toMatchObject({ code: 'corrupt' })
  })
})

test('a header of gigabytes is not read', async () => {
  const bytes = await bytesOf()
  bytes.writeUInt32LE(0xffff_ffff, 20)
  await expect(decodeSession(blob(bytes), BASE)).rejects.toThrow('its header is cut off')
})
