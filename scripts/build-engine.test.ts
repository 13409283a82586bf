import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bundleEngine } from './build-engine.ts'
import { runText, run } from './lib/run.ts'

let folder: string
let code: Buffer
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'engine-'))
  code = (await bundleEngine()).code
  await writeFile(join(folder, 'engine.cjs'), code)
})
afterAll(() => rm(folder, { recursive: true }))

describe('the engine’s bundle', () => {
  it('is ASCII and strict', () => {
    expect(code.every((byte) => byte < 0x80)).toBe(true)
    expect(code.toString().startsWith(`'use strict'\n`)).toBe(true)
  })

  it('starts from a start-up snapshot that V8 made of its evaluated modules', async () => {
    const snapshot = ['--snapshot-blob', join(folder, 'engine.blob')]
    await run(process.execPath, [...snapshot, '--build-snapshot', join(folder, 'engine.cjs')])
    const started = runText(process.execPath, snapshot, { env: { PORTHOLE_ROOT: join(folder, 'nowhere') } })
    await expect(started).rejects.toThrow(/engine: start-up: .*nowhere.* cannot be opened/)
  })
})
