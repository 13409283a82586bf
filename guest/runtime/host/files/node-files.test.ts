/** What a disk that is full, or nearly so, does to files. */
import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { nodeFiles } from './node-files.ts'

const { writeSync } = vi.hoisted(() => ({ writeSync: { as: undefined as undefined | WriteSync } }))
type WriteSync = (descriptor: number, bytes: Uint8Array, offset: number, length: number) => number

vi.mock('node:fs', async (original) => {
  const real = await original<typeof fs>()
  const write: WriteSync = (...given) => (writeSync.as ?? real.writeSync)(...given)
  return { ...real, writeSync: write }
})

const real = await vi.importActual<typeof fs>('node:fs')
let directory: string
let path: string
beforeEach(() => {
  directory = fs.mkdtempSync(join(tmpdir(), 'porthole-files-'))
  path = join(directory, 'config.json')
  fs.writeFileSync(path, 'the old record')
})
afterEach(() => {
  writeSync.as = undefined
  fs.rmSync(directory, { recursive: true })
})

/** Takes one byte a call, and from the `room`th on no more. */
const oneByteEach =
  (room: number): WriteSync =>
  (descriptor, bytes, offset) => {
    if (offset < room) return real.writeSync(descriptor, bytes, offset, 1)
    throw Object.assign(new Error('no space'), { code: 'ENOSPC' })
  }

describe.each(['writeAtomically', 'write'] as const)('%s', (method) => {
  test('goes on after a write that took less than it was given', async () => {
    writeSync.as = oneByteEach(Infinity)
    await nodeFiles()[method](path, 'the new, longer record: ä')
    expect(fs.readFileSync(path, 'utf8')).toBe('the new, longer record: ä')
  })

  test('says of a full disk what it is', async () => {
    writeSync.as = oneByteEach(3)
    await expect(nodeFiles()[method](path, 'the new record')).rejects.toMatchObject({
      code: 'exhausted',
      message: `cannot write ${path}: ENOSPC`,
    })
  })
})

test('an atomic write on a full disk leaves the old file and nothing else', async () => {
  writeSync.as = oneByteEach(3)
  await expect(nodeFiles().writeAtomically(path, 'the new record')).rejects.toThrow('ENOSPC')
  expect(fs.readFileSync(path, 'utf8')).toBe('the old record')
  expect(fs.readdirSync(directory)).toEqual(['config.json'])
})
