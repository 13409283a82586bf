/**
 * Digests of content, as opencontainers/go-digest reads them: `sha256:` and hexadecimal digits in lower case. The algorithms are
 * those that OCI registers; Docker also takes sha384, which nobody uses and the content store can't compute.
 */
import { EngineError } from '../protocol/errors.ts'
import type { Digest } from '../protocol/api/oci-image.ts'

/** Hexadecimal digits of an encoded hash. */
const ENCODED_LENGTH: ReadonlyMap<string, number> = new Map([
  ['sha256', 64],
  ['sha512', 128],
])

const WELL_FORMED = /^[a-z0-9]+(?:[.+_-][a-z0-9]+)*:[a-zA-Z0-9=_-]+$/

const invalid = (text: string, sentence: string) => new EngineError('invalid', sentence, { digest: text })

/** @throws EngineError `invalid` in go-digest's words */
export function parseDigest(text: string): Digest {
  if (isDigest(text)) return text
  const colon = text.indexOf(':')
  if (colon <= 0 || colon + 1 === text.length) throw invalid(text, 'invalid checksum digest format')
  const length = ENCODED_LENGTH.get(text.slice(0, colon))
  if (length === undefined && WELL_FORMED.test(text)) throw invalid(text, 'unsupported digest algorithm')
  const isOdd = length !== undefined && text.length - colon - 1 !== length
  throw invalid(text, `invalid checksum digest ${isOdd ? 'length' : 'format'}`)
}

export function isDigest(text: string): text is Digest {
  const colon = text.indexOf(':')
  const encoded = text.slice(colon + 1)
  return (
    ENCODED_LENGTH.get(text.slice(0, Math.max(0, colon))) === encoded.length && /^[0-9a-f]+$/.test(encoded)
  )
}
