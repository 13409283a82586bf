/**
 * Computes sha256 and sha512 digests. WebCrypto is the fastest, but it digests only whole buffers and is missing
 * outside secure contexts (plain HTTP), so streams and such pages use hash-wasm.
 */
import { createSHA256, createSHA512, sha256, sha512 } from 'hash-wasm'
import type { Digest } from '../../../guest/protocol/api/content.ts'
import { EngineError } from '../../../guest/protocol/errors.ts'
import { isDigest } from '../../../guest/vocabulary/digest.ts'

export type DigestAlgorithm = 'sha256' | 'sha512'

const SUBTLE_NAME = { sha256: 'SHA-256', sha512: 'SHA-512' } as const
const WHOLE = { sha256, sha512 } as const
const STREAMING = { sha256: createSHA256, sha512: createSHA512 } as const

export interface StreamingHash {
  update(bytes: Uint8Array): void
  digest(): Digest
}

export async function createHash(algorithm: DigestAlgorithm = 'sha256'): Promise<StreamingHash> {
  const hash = await STREAMING[algorithm]()
  return {
    update: (bytes) => void hash.update(bytes),
    digest: () => `${algorithm}:${hash.digest('hex')}`,
  }
}

export async function digestOf(bytes: Uint8Array, algorithm: DigestAlgorithm = 'sha256'): Promise<Digest> {
  return `${algorithm}:${await hexDigest(bytes, algorithm)}`
}

export async function hexDigest(bytes: Uint8Array, algorithm: DigestAlgorithm = 'sha256'): Promise<string> {
  const subtle = (globalThis.crypto as Partial<Crypto> | undefined)?.subtle
  if (subtle === undefined) return WHOLE[algorithm](bytes)
  const digest = new Uint8Array(await subtle.digest(SUBTLE_NAME[algorithm], bytes as BufferSource))
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

/** Parses a digest from outside: https://github.com/opencontainers/image-spec/blob/main/descriptor.md#digests */
export function parseDigest(text: unknown): Digest {
  if (typeof text === 'string' && isDigest(text)) return text
  throw new EngineError('invalid', `invalid checksum digest format: ${JSON.stringify(text)}`)
}

export function digestAlgorithm(digest: Digest): DigestAlgorithm {
  return digest.startsWith('sha512:') ? 'sha512' : 'sha256'
}

export function digestHex(digest: Digest): string {
  return digest.slice(digest.indexOf(':') + 1)
}

/** @throws EngineError `corrupt` naming `what` when the bytes are not what the digest says. */
export async function verifyDigest(bytes: Uint8Array, expected: Digest, what: string): Promise<void> {
  const actual = await digestOf(bytes, digestAlgorithm(expected))
  if (actual !== expected)
    throw new EngineError('corrupt', `${what} is damaged: its digest is ${actual}, expected ${expected}`, {
      expected,
      actual,
    })
}

/** The digits of a digest that `docker pull` shows for a layer. */
export function shortId(digest: Digest): string {
  return digestHex(digest).slice(0, 12)
}
