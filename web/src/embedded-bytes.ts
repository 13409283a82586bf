/**
 * Bytes as the text of an HTML document in windows-1252, a fiftieth larger than they are where base64 takes a third: each
 * byte is itself, but for those that HTML's parser changes (NUL, carriage return, `<`) and the escape, which are written as
 * yEnc does (http://www.yenc.org/yenc-draft.1.3.txt, "Encoding Principle"): `=`, then the byte plus 64.
 */
import { EngineError } from '../../guest/protocol/errors.ts'

const ESCAPE = 0x3d
const ESCAPED: ReadonlySet<number> = new Set([0x00, 0x0d, 0x3c, ESCAPE])
const SHIFT = 64

const rangeOfText = (from: number, to: number): string =>
  String.fromCharCode(...Array.from({ length: to - from }, (_, index) => from + index))

/** What each byte stands for: https://encoding.spec.whatwg.org/index-windows-1252.txt */
export const WINDOWS_1252 =
  rangeOfText(0, 0x80) +
  '\u20ac\x81\u201a\u0192\u201e\u2026\u2020\u2021\u02c6\u2030\u0160\u2039\u0152\x8d\u017d\x8f' +
  '\x90\u2018\u2019\u201c\u201d\u2022\u2013\u2014\u02dc\u2122\u0161\u203a\u0153\x9d\u017e\u0178' +
  rangeOfText(0xa0, 0x100)

const byteOfCode: ReadonlyMap<number, number> = new Map(
  Array.from(WINDOWS_1252, (character, byte) => [character.charCodeAt(0), byte]),
)

/** @returns the bytes to write into the document */
export function embedBytes(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const embedded = new Uint8Array(2 * bytes.length)
  let length = 0
  for (const byte of bytes) {
    if (ESCAPED.has(byte)) {
      embedded[length++] = ESCAPE
      embedded[length++] = byte + SHIFT
    } else embedded[length++] = byte
  }
  return embedded.slice(0, length)
}

/**
 * @param text as the browser read what `embedBytes` gave
 * @throws EngineError `corrupt` when the document was read in another encoding
 */
export function embeddedBytes(text: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(text.length)
  let length = 0
  for (let at = 0; at < text.length; at++) {
    const byte = byteAt(text, at)
    bytes[length++] = byte === ESCAPE ? byteAt(text, ++at) - SHIFT : byte
  }
  return bytes.slice(0, length)
}

function byteAt(text: string, at: number): number {
  const code = text.charCodeAt(at)
  // Half are below 0x80, and a look into the map for each takes far longer.
  const byte = code < 0x80 ? code : byteOfCode.get(code)
  if (byte !== undefined) return byte
  throw new EngineError(
    'corrupt',
    'this file was read as another encoding than windows-1252, or cut off: open it from a disk, or serve it without a charset',
  )
}
