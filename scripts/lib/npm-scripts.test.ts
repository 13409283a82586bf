import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { NpmScripts } from './npm-scripts.ts'

let folder: string
let said: string
let scripts: NpmScripts

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'porthole-scripts-'))
  said = ''
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => (said += String(text)) !== '')
  vi.spyOn(process.stderr, 'write').mockReturnValue(true)
  scripts = new NpmScripts(folder)
})

afterEach(async () => {
  vi.restoreAllMocks()
  await rm(folder, { recursive: true })
})

const define = (of: Record<string, string>) =>
  writeFile(join(folder, 'package.json'), JSON.stringify({ scripts: of }))

describe('npm scripts side by side', () => {
  test('are shown by line behind their names, or whole', async () => {
    // `second` says its first word when `first` has said its own, and `first` its last when `second` has ended.
    await define({
      first: 'echo one; touch began; until [ -e ended ]; do :; done; echo four',
      second: 'until [ -e began ]; do :; done; echo two; echo three >&2; touch ended',
    })
    await Promise.all([
      scripts.run('first', { shown: 'whole' }),
      scripts.run('second', { shown: 'by line', behind: true }),
    ])
    expect(said).toMatch(/^second │ (two\nsecond │ three|three\nsecond │ two)\none\nfour\n$/)
  })

  test('end with the first that fails, and with them whatever they have started', async () => {
    // What it has started holds its output open, and it has not ended before that is closed.
    await define({
      endless: 'sh -c "touch began; exec sleep 100000" & wait',
      wrong: 'until [ -e began ]; do :; done; echo why; exit 3',
    })
    const runs = ['endless', 'wrong'].map((name) => scripts.run(name, { shown: 'whole' }))
    for (const { reason } of (await Promise.allSettled(runs)) as PromiseRejectedResult[])
      expect(reason.message).toBe('npm run wrong failed with status 3')
    expect(said).toBe('why\n')
  })

  test('begin no more once one has failed', async () => {
    await define({ wrong: 'exit 1', late: 'touch late' })
    await expect(scripts.run('wrong', { shown: 'whole' })).rejects.toThrow('npm run wrong failed')
    await expect(scripts.run('late', { shown: 'whole' })).rejects.toThrow('npm run wrong failed')
    await expect(readFile(join(folder, 'late'))).rejects.toThrow('ENOENT')
  })
})
