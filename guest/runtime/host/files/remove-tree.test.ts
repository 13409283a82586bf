import { existsSync, mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { removeTree } from './remove-tree.ts'

it('a large tree is removed while others get their turn, and what its links lead to stays', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'porthole-remove-'))
  const tree = join(folder, 'tree')
  mkdirSync(join(tree, 'deep/er'), { recursive: true })
  writeFileSync(join(folder, 'kept'), '')
  symlinkSync(join(folder, 'kept'), join(tree, 'link'))
  symlinkSync(folder, join(tree, 'deep/up'))
  for (let number = 0; number < 500; number++) writeFileSync(join(tree, `deep/er/${number}`), '')
  let turns = 0
  const count = setInterval(() => turns++, 0)
  await removeTree(tree)
  clearInterval(count)
  expect(turns).toBeGreaterThan(0)
  expect([existsSync(tree), existsSync(join(folder, 'kept'))]).toEqual([false, true])
  await removeTree(folder)
  await removeTree(folder)
})
