import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { RootedTree } from '../../host/files/rooted-tree.ts'
import { readContext } from './build-context.ts'
import type { BuildOptions } from './build-options.ts'

let folder: string
beforeAll(async () => (folder = await mkdtemp(join(tmpdir(), 'context-'))))
afterAll(() => rm(folder, { recursive: true }))

test.each([
  ['*\n', false],
  ['!\n', true],
  ['[\n', true],
])('a .dockerignore of %j leaves the Dockerfile: %s', async (ignore, left) => {
  await writeFile(join(folder, 'Dockerfile'), 'FROM x\n')
  await writeFile(join(folder, '.dockerignore'), ignore)
  const { tree } = readContext(new RootedTree(folder), { dockerfile: '' } as BuildOptions)
  expect(tree.follow('/Dockerfile') !== undefined).toBe(left)
})
