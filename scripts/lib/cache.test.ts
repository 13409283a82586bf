import { mkdir, mkdtemp, readFile, readdir, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { cached } from './cache.ts'

describe('cached', () => {
  let home: string

  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'porthole-cache-'))
    vi.stubEnv('XDG_CACHE_HOME', home)
  })

  afterEach(async () => {
    vi.unstubAllEnvs()
    await rm(home, { recursive: true })
  })

  const make = (text: string) => (dir: string) => writeFile(join(dir, 'product'), text)

  it('makes a product once for its inputs, whatever their order', async () => {
    const first = await cached('thing', { a: 1, b: 2 }, make('one'))
    const second = await cached('thing', { b: 2, a: 1 }, make('two'))
    expect(second).toBe(first)
    expect(await readFile(join(second, 'product'), 'utf8')).toBe('one')
  })

  it('makes another for other inputs', async () => {
    const first = await cached('thing', { a: 1 }, make('one'))
    const second = await cached('thing', { a: 2 }, make('two'))
    expect(second).not.toBe(first)
  })

  it('leaves nothing behind when making fails, and tries again', async () => {
    const failing = async (dir: string) => {
      await writeFile(join(dir, 'half'), '')
      throw new Error('no compiler')
    }
    await expect(cached('thing', { a: 1 }, failing)).rejects.toThrow('no compiler')
    expect(await readdir(join(home, 'porthole/thing'))).toEqual([])
    expect(await readdir(await cached('thing', { a: 1 }, make('one')))).toEqual(['product'])
  })

  it('makes one product for several who ask at once', async () => {
    const work = vi.fn(make('one'))
    const dirs = await Promise.all([1, 2, 3].map(() => cached('thing', { a: 1 }, work)))
    expect(new Set(dirs).size).toBe(1)
    expect(work).toHaveBeenCalledTimes(1)
  })

  it('takes over the lock of a process that is gone', async () => {
    const first = await cached('thing', { a: 1 }, make('one'))
    await rm(first, { recursive: true })
    const dead = 2 ** 22 + 1 // beyond the largest pid of Linux
    await writeFile(`${first}.lock`, `${dead}\n`)
    expect(await cached('thing', { a: 1 }, make('two'))).toBe(first)
  })

  it('removes what a killed build left two days ago, and nothing that another is making', async () => {
    const things = join(await cached('thing', { a: 1 }, make('one')), '..')
    const now = Date.now() / 1000
    for (const [name, time] of [
      ['.draft-left', now - 2 * 24 * 60 * 60],
      ['.draft-current', now],
    ] as const) {
      await mkdir(join(things, name, 'half'), { recursive: true })
      await utimes(join(things, name), time, time)
    }
    await cached('thing', { a: 2 }, make('two'))
    const names = await readdir(things)
    expect(names).toContain('.draft-current')
    expect(names).not.toContain('.draft-left')
  })
})
