import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type FileMap, addFolder, listFiles, publish } from './publish.ts'

describe('publish', () => {
  let home: string
  let target: string
  let files: FileMap

  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'porthole-publish-'))
    target = join(home, 'public')
    await mkdir(join(home, 'cache/sub'), { recursive: true })
    await writeFile(join(home, 'cache/a'), 'a')
    await writeFile(join(home, 'cache/sub/b'), 'b')
    files = new Map()
    await addFolder(files, join(home, 'cache'), 'tree')
  })

  afterEach(() => rm(home, { recursive: true }))

  it('links every file and removes what is no longer wanted, sparing what is asked for', async () => {
    await mkdir(join(target, 'state'), { recursive: true })
    await writeFile(join(target, 'stale'), '')
    await writeFile(join(target, 'state/part'), '')
    await publish(target, files, (path) => path.startsWith('state/'))
    expect(await listFiles(target)).toEqual(['state/part', 'tree/a', 'tree/sub/b'])
    expect((await stat(join(target, 'tree/a'))).ino).toBe((await stat(join(home, 'cache/a'))).ino)
  })

  it('replaces a file whose source is another now, leaving the old source whole', async () => {
    await publish(target, files, () => false)
    await writeFile(join(home, 'other'), 'new')
    files.set('tree/a', join(home, 'other'))
    await publish(target, files, () => false)
    expect(await readFile(join(target, 'tree/a'), 'utf8')).toBe('new')
    expect(await readFile(join(home, 'cache/a'), 'utf8')).toBe('a')
  })
})
