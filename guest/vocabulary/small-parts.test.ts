import { describe, expect, it } from 'vitest'
import { EngineError } from '../protocol/errors.ts'
import { deferred } from '../protocol/wire/deferred.ts'
import { decodeByteString, encodeByteString } from './byte-string.ts'
import { cleanPath } from './clean-path.ts'
import { concatBytes } from './concat-bytes.ts'
import { parseDigest, isDigest } from './digest.ts'
import { isTextRecord, parseJson, parseJsonObject } from './json.ts'
import { Mutex } from './mutex.ts'

describe('Mutex', () => {
  it('runs one task at a time, in the order of asking', async () => {
    const mutex = new Mutex()
    const first = deferred<void>()
    const said: string[] = []
    const one = mutex.run(async () => {
      said.push('first begins')
      await first.promise
      said.push('first ends')
      return 1
    })
    const two = mutex.run(async () => said.push('second'))
    await Promise.resolve()
    first.resolve()
    expect(await one).toBe(1)
    await two
    expect(said).toEqual(['first begins', 'first ends', 'second'])
  })

  it('goes on after a failure, which is its caller’s alone', async () => {
    const mutex = new Mutex()
    const failing = mutex.run(() => Promise.reject(new Error('no')))
    const thrown = mutex.run(() => {
      throw new Error('at once')
    })
    const next = mutex.run(() => Promise.resolve('next'))
    await expect(failing).rejects.toThrow('no')
    await expect(thrown).rejects.toThrow('at once')
    expect(await next).toBe('next')
  })
})

describe('concatBytes', () => {
  it('joins parts in bytes of their own', () => {
    const part = Uint8Array.of(1, 2, 3)
    const whole = concatBytes([part.subarray(1), new Uint8Array(0), Uint8Array.of(4)])
    expect(whole).toEqual(Uint8Array.of(2, 3, 4))
    const alone = concatBytes([part])
    part[0] = 9
    expect(alone).toEqual(Uint8Array.of(1, 2, 3))
    expect(concatBytes([])).toEqual(new Uint8Array(0))
  })
})

describe('cleanPath', () => {
  it.each([
    ['', '.'],
    ['.', '.'],
    ['/', '/'],
    ['//', '/'],
    ['a//b/', 'a/b'],
    ['./a/./b', 'a/b'],
    ['a/../b', 'b'],
    ['a/..', '.'],
    ['../a', '../a'],
    ['a/../../b', '../b'],
    ['../../a', '../../a'],
    ['/../a', '/a'],
    ['/a/../..', '/'],
    ['..a/...', '..a/...'],
  ])('%j is %j', (path, cleaned) => {
    expect(cleanPath(path)).toBe(cleaned)
  })
})

describe('byte strings', () => {
  it.each<[string, number[], string]>([
    ['ASCII', [97, 47, 98], 'a/b'],
    ['UTF-8', [0xc3, 0xbc], 'ü'],
    ['four bytes', [0xf0, 0x9f, 0x90, 0xb3], '🐳'],
    ['a byte order mark', [0xef, 0xbb, 0xbf, 97], '\ufeffa'],
    ['Latin-1', [0x63, 0xe9], 'c\udce9'],
    ['a surrogate in UTF-8', [0xed, 0xb3, 0xa9], '\udced\udcb3\udca9'],
    ['one component of each', [0xe9, 47, 0xc3, 0xbc], '\udce9/ü'],
  ])('%s', (_what, bytes, text) => {
    expect(decodeByteString(Uint8Array.from(bytes))).toBe(text)
    expect([...encodeByteString(text)]).toEqual(bytes)
  })
})

describe('JSON from outside', () => {
  it('is a value that is not trusted yet', () => {
    expect(parseJson('[1]', 'a file')).toEqual([1])
    expect(parseJsonObject('{"a":1}', 'a file')).toEqual({ a: 1 })
  })

  it.each([
    ['oops', 'a file is not JSON: oops'],
    ['', 'a file is not JSON: '],
    ['[]', 'a file is not a JSON object: []'],
    ['null', 'a file is not a JSON object: null'],
  ])('%j is refused by name', (text, message) => {
    expect(() => parseJsonObject(text, 'a file')).toThrow(new EngineError('corrupt', message))
  })

  it.each([
    [{ a: 'b' }, true],
    [{}, true],
    [{ a: 1 }, false],
    [['a'], false],
    [null, false],
  ])('%j as texts by name: %j', (value, is) => {
    expect(isTextRecord(value)).toBe(is)
  })
})

describe('digests', () => {
  const HEX = '0123456789abcdef'.repeat(4)
  it.each([
    ['', 'invalid checksum digest format'],
    [':', 'invalid checksum digest format'],
    ['sha256:', 'invalid checksum digest format'],
    [HEX, 'invalid checksum digest format'],
    ['sha256:abc', 'invalid checksum digest length'],
    [`sha512:${HEX}`, 'invalid checksum digest length'],
    [`sha256:${HEX.toUpperCase()}`, 'invalid checksum digest format'],
    [`sha384:${HEX}${HEX.slice(32)}`, 'unsupported digest algorithm'],
    [`md5:${HEX}`, 'unsupported digest algorithm'],
    [`SHA256:${HEX}`, 'invalid checksum digest format'],
    ['constructor:abc', 'unsupported digest algorithm'],
  ])('%s is refused', (text, sentence) => {
    expect(() => parseDigest(text)).toThrow(sentence)
    expect(isDigest(text)).toBe(false)
  })

  it.each([`sha256:${HEX}`, `sha512:${HEX}${HEX}`])('%s is one', (text) => {
    expect(parseDigest(text)).toBe(text)
    expect(isDigest(text)).toBe(true)
  })
})
