/**
 * Digests of content, as opencontainers/go-digest reads them: `sha256:` and hexadecimal digits in lower case. Docker registers
 * the three algorithms below; the content store computes sha256 alone.
 */
import { EngineError } from '../protocol/errors.ts'

/** Hexadecimal digits of an encoded hash. */
const ENCODED_LENGTH: ReadonlyMap<string, number> = new Map([
  ['sha256', 64],
  ['sha384', 96],
  ['sha512', 128],
])

const WELL_FORMED = /^[a-z0-9]+(?:[.+_-][a-z0-9]+)*:[a-zA-Z0-9=_-]+$/

const invalid = (text: string, sentence: string) => new EngineError('invalid', sentence, { digest: text })

/** @throws EngineError `invalid` in go-digest's words */
export function checkDigest(text: string): void {
  const colon = text.indexOf(':')
  if (colon <= 0 || colon + 1 === text.length) throw invalid(text, 'invalid checksum digest format')
  const encoded = text.slice(colon + 1)
  const length = ENCODED_LENGTH.get(text.slice(0, colon))
  if (length === undefined)
    throw invalid(
      text,
      WELL_FORMED.test(text) ? 'unsupported digest algorithm' : 'invalid checksum digest format',
    )
  if (encoded.length !== length) throw invalid(text, 'invalid checksum digest length')
  if (!/^[0-9a-f]+$/.test(encoded)) throw invalid(text, 'invalid checksum digest format')
}

export function isDigest(text: string): boolean {
  const colon = text.indexOf(':')
  return (
    ENCODED_LENGTH.get(text.slice(0, Math.max(0, colon))) === text.length - colon - 1 &&
    /^[0-9a-f]+$/.test(text.slice(colon + 1))
  )
}
