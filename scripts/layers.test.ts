import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ESLint } from 'eslint'
import { expect, test } from 'vitest'
import { importCycles, importGraph } from './lib/import-graph.ts'
import { LAYERS } from './layers.mjs'
import { projectRoot } from './lib/paths.ts'
import { ARCHITECTURE_PAGE, withLayers } from './reference.ts'

test('a layer imports only layers that stand before it, so that the table has no cycle', () => {
  const before = new Set<string>()
  for (const { room, imports } of LAYERS) {
    expect(
      imports.filter((name) => !before.has(name)),
      room,
    ).toEqual([])
    before.add(room)
  }
})

test('the table of ARCHITECTURE.md is that of the layers: `npm run reference` writes it', () => {
  const page = readFileSync(ARCHITECTURE_PAGE, 'utf8')
  expect(page).toContain('| `guest/vocabulary` |')
  expect(page).toBe(withLayers(page))
})

test('every source file of guest/runtime, guest/vocabulary, guest/protocol and web/src is in a layer', () => {
  const rooms = LAYERS.map(({ room }) => room)
  const isIn = (file: string) =>
    rooms.some((room) =>
      room.endsWith('/*') ? file.replace(/[^/]*$/, '*') === room : file.startsWith(`${room}/`),
    )
  const files = [...importGraph(projectRoot).keys()].filter((file) =>
    /^(guest\/(runtime|vocabulary|protocol)|web\/src)\//.test(file),
  )
  expect(files.length).toBeGreaterThan(500)
  expect(files.filter((file) => !isIn(file))).toEqual([])
})

test('no files import each other in a circle, types included', () => {
  expect(importCycles(importGraph(projectRoot))).toEqual([])
})

/** What eslint says of an import in a file that exists; without types, which take long and matter nothing here. */
async function messagesFor(path: string, specifier: string): Promise<string[]> {
  const eslint = new ESLint({
    cwd: projectRoot,
    overrideConfig: {
      files: ['**/*.ts'],
      languageOptions: { parserOptions: { project: null } },
      rules: { '@typescript-eslint/no-floating-promises': 'off' },
    },
  })
  const text = `import * as imported from '${specifier}'\nexport default imported\n`
  const [result] = await eslint.lintText(text, { filePath: join(projectRoot, path) })
  return result!.messages.map(({ message }) => message)
}

test.each([
  ['guest/runtime/task/task.ts', '../docker/state/container.ts', 'guest/runtime/task may import'],
  ['guest/runtime/host/clock.ts', '../oci/spec.ts', 'guest/runtime/host may import'],
  ['guest/runtime/docker/image/image-service.ts', '../container/start-container.ts', 'may import'],
  ['guest/runtime/docker/build/build-service.ts', '../archive/load-images.ts', 'may import'],
  ['guest/protocol/errors.ts', '../vocabulary/mutex.ts', 'guest/protocol may import no other folder'],
  ['web/src/ui/context.ts', '../vm/boot.ts', 'web/src/ui may import'],
  ['web/src/trees/file-tree.ts', '../content/content-store.ts', 'web/src/trees may import'],
  ['guest/runtime/oci/spec.ts', 'node:fs', 'only guest/runtime/host touches files'],
])('%s must not import %s', async (path, specifier, sentence) => {
  expect((await messagesFor(path, specifier)).join('\n')).toContain(sentence)
})

test('what the table allows is not complained of', async () => {
  expect(await messagesFor('guest/runtime/task/task.ts', '../host/clock.ts')).toEqual([])
})
