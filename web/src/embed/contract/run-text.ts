/** Commands in an address: `#run=` and the base64url (RFC 4648, section 5, no padding) of their UTF-8 text. */

/** Bytes of UTF-8: a page's example is shorter, and what is longer is better a file. */
export const MAX_RUN = 4096

/** A control character would be a key to the shell; lines and tabs are what text is made of. */
const KEYS = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/

export type RunText = { text: string } | { wrong: 'unreadable' } | { wrong: 'long'; bytes: number }

export function encodeRun(text: string): string {
  const binary = String.fromCharCode(...new TextEncoder().encode(text))
  return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '')
}

/** Reads what `encodeRun` wrote, whoever wrote it: what is no such text, or holds control characters, is told so. */
export function decodeRun(encoded: string): RunText {
  if (!/^[\w-]*$/.test(encoded) || encoded.length % 4 === 1) return { wrong: 'unreadable' }
  const bytes = Math.floor((encoded.length * 3) / 4)
  if (bytes > MAX_RUN) return { wrong: 'long', bytes }
  const binary = atob(encoded.replaceAll('-', '+').replaceAll('_', '/'))
  try {
    const decoder = new TextDecoder('utf-8', { fatal: true })
    const text = decoder.decode(Uint8Array.from(binary, (character) => character.charCodeAt(0)))
    return KEYS.test(text) ? { wrong: 'unreadable' } : { text: text.replace(/\n+$/, '') }
  } catch (error) {
    if (error instanceof TypeError) return { wrong: 'unreadable' }
    throw error
  }
}
