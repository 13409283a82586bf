/**
 * CRC-32 as in zlib and IEEE 802.3 (reflected polynomial 0xEDB88320); `seed` continues an earlier result.
 * Signature-compatible with Node's `zlib.crc32`, which the guest injects instead: a JavaScript loop is too slow there.
 */
export type Crc32 = (bytes: Uint8Array, seed?: number) => number

/** tables[k][b]: the CRC of byte b followed by k zero bytes, so that four bytes are folded in at once. */
const tables = Array.from({ length: 4 }, () => new Int32Array(256))
for (let byte = 0; byte < 256; byte++) {
  let crc = byte
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1
  tables[0]![byte] = crc
}
for (let byte = 0; byte < 256; byte++) {
  for (let k = 1; k < 4; k++) {
    const previous = tables[k - 1]![byte]!
    tables[k]![byte] = (previous >>> 8) ^ tables[0]![previous & 0xff]!
  }
}
const [t0, t1, t2, t3] = tables as [Int32Array, Int32Array, Int32Array, Int32Array]

export const crc32: Crc32 = (bytes, seed = 0) => {
  let crc = ~seed
  let at = 0
  for (const end = bytes.length - 3; at < end; at += 4) {
    crc ^= bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)
    crc = t3[crc & 0xff]! ^ t2[(crc >>> 8) & 0xff]! ^ t1[(crc >>> 16) & 0xff]! ^ t0[crc >>> 24]!
  }
  for (; at < bytes.length; at++) crc = t0[(crc ^ bytes[at]!) & 0xff]! ^ (crc >>> 8)
  return ~crc >>> 0
}
