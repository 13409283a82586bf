import { createHash as nodeHash, randomBytes } from 'node:crypto'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { createHash, digestOf, parseDigest, verifyDigest } from './digest.ts'

const bytes = new Uint8Array(randomBytes(300_001))
const expected = (algorithm: 'sha256' | 'sha512'): string =>
  `${algorithm}:${nodeHash(algorithm).update(bytes).digest('hex')}`

describe('digests', () => {
  afterEach(() => vi.unstubAllGlobals())

  it('are the same streamed, whole, and where WebCrypto is missing', async () => {
    for (const algorithm of ['sha256', 'sha512'] as const) {
      const hash = await createHash(algorithm)
      for (let start = 0; start < bytes.length; start += 7777)
        hash.update(bytes.subarray(start, start + 7777))
      expect(hash.digest()).toBe(expected(algorithm))
      expect(await digestOf(bytes, algorithm)).toBe(expected(algorithm))
    }
    vi.stubGlobal('crypto', {})
    expect(await digestOf(bytes)).toBe(expected('sha256'))
    expect(await digestOf(bytes, 'sha512')).toBe(expected('sha512'))
  })

  it('of streams at the same time don’t mix', async () => {
    const [first, second] = [await createHash(), await createHash()]
    first.update(bytes.subarray(0, 1000))
    second.update(bytes)
    first.update(bytes.subarray(1000))
    expect([first.digest(), second.digest()]).toEqual([expected('sha256'), expected('sha256')])
  })

  it('are refused in any other form, and name what they don’t fit', async () => {
    for (const text of ['', 'sha256:', 'sha256:abc', `sha1:${'a'.repeat(40)}`, `sha256:${'A'.repeat(64)}`, 5])
      expect(() => parseDigest(text)).toThrow('invalid checksum digest format')
    const wrong = parseDigest(`sha256:${'a'.repeat(64)}`)
    await expect(verifyDigest(bytes, wrong, 'the file')).rejects.toMatchObject({
      code: 'corrupt',
      message: expect.stringContaining('the file'),
    })
  })
})
