import { expect, test } from 'vitest'
import { embedBytes, embeddedBytes, WINDOWS_1252 } from './embedded-bytes.ts'

/** Node's own TextDecoder takes windows-1252 for ISO 8859-1. */
const read = (bytes: Uint8Array): string => Array.from(bytes, (byte) => WINDOWS_1252[byte]).join('')

const everyByte = Uint8Array.from({ length: 512 }, (_, at) => at)

test('every byte comes back from a document in windows-1252', () => {
  expect(embeddedBytes(read(embedBytes(everyByte)))).toEqual(everyByte)
})

test('nothing is written that HTML’s parser would change, or take for a tag', () => {
  const embedded = embedBytes(everyByte)
  expect([0x00, 0x0d, 0x3c].filter((byte) => embedded.includes(byte))).toEqual([])
  expect(embedded).toHaveLength(everyByte.length + 8)
})

test.each([new TextDecoder().decode(embedBytes(everyByte)), 'cut off after the escape='])(
  'a document that was read otherwise is named',
  (text) => expect(() => embeddedBytes(text)).toThrow('another encoding than windows-1252'),
)
