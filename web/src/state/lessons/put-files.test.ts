import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { putFiles } from './put-files.ts'

test('files arrive whole, however large, in new folders, and those that run may run', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'put-files-'))
  const calls: string[][] = []
  const run = async ([program, ...words]: string[]) => {
    calls.push(words)
    execFileSync(program!, words)
    return { code: 0, stdout: '', stderr: '' }
  }
  const large = Uint8Array.from({ length: 150_001 }, (_, at) => at % 251)
  try {
    await putFiles({ run } as never, [
      { path: join(dir, 'a b/$x/large.bin'), bytes: large, executable: false },
      { path: join(dir, "it's.sh"), bytes: new TextEncoder().encode('echo'), executable: true },
      { path: join(dir, 'empty'), bytes: new Uint8Array(), executable: false },
    ])
    expect(new Uint8Array(readFileSync(join(dir, 'a b/$x/large.bin')))).toEqual(large)
    expect(readFileSync(join(dir, 'empty'))).toHaveLength(0)
    expect(statSync(join(dir, "it's.sh")).mode & 0o111).toBe(0o111)
    expect(calls.length).toBe(4)
    expect(Math.max(...calls.flat().map((word) => word.length))).toBeLessThan(128 * 1024)
  } finally {
    rmSync(dir, { recursive: true })
  }
})

test('a guest without room is told', async () => {
  const run = async () => ({ code: 1, stdout: '', stderr: 'No space left on device' })
  const file = { path: '/x', bytes: new Uint8Array(1), executable: false }
  await expect(putFiles({ run } as never, [file])).rejects.toThrow(
    'could not be written: No space left on device',
  )
})
