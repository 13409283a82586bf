/**
 * Linux file names are bytes; JavaScript's are UTF-16. Valid UTF-8 becomes the string it says; every other name keeps
 * each byte ≥ 0x80 as a lone surrogate U+DC80…U+DCFF (Python's `surrogateescape`, PEP 383), so that no name is lost and
 * two names are never confused.
 */
const encoder = new TextEncoder()
const strictDecoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const ESCAPE = 0xdc00
const SLASH = 0x2f

/** A path or name as text; a path is judged component by component, so a directory has one spelling whatever it holds. */
export function decodeByteString(bytes: Uint8Array): string {
  const length = bytes.length
  if (length < 48) {
    // Most names are short ASCII, for which TextDecoder's call costs more than the loop.
    let text = ''
    let index = 0
    for (; index < length; index++) {
      const byte = bytes[index]!
      if (byte >= 0x80) break
      text += String.fromCharCode(byte)
    }
    if (index === length) return text
  }
  try {
    return strictDecoder.decode(bytes)
  } catch {
    const slash = bytes.indexOf(SLASH)
    if (slash < 0) return escapeBytes(bytes)
    return `${decodeByteString(bytes.subarray(0, slash))}/${decodeByteString(bytes.subarray(slash + 1))}`
  }
}

export function encodeByteString(text: string): Uint8Array {
  // With the u flag a proper surrogate pair is one character outside this range.
  if (!/[\udc80-\udcff]/u.test(text)) return encoder.encode(text)
  const parts: number[] = []
  for (const character of text) {
    const code = character.codePointAt(0)!
    if (code >= 0xdc80 && code <= 0xdcff) parts.push(code - ESCAPE)
    else parts.push(...encoder.encode(character))
  }
  return Uint8Array.from(parts)
}

function escapeBytes(bytes: Uint8Array): string {
  let text = ''
  for (const byte of bytes) text += String.fromCharCode(byte < 0x80 ? byte : ESCAPE + byte)
  return text
}
