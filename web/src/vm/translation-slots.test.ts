import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { addTranslationSlots } from './translation-slots.ts'
import type { TranslationMemory } from './translation-slots.ts'

const PATH = fileURLToPath(new URL('v86.wasm', import.meta.resolve('v86')))
const SLOTS = 6000

interface FreshV86 extends TranslationMemory {
  rust_init(): void
  allocate_memory(size: number): number
}

async function freshV86(): Promise<{ v86: FreshV86; ram: number }> {
  const module = await WebAssembly.compile(await readFile(PATH))
  const table = new WebAssembly.Table({ element: 'anyfunc', initial: 1924 })
  const functions = WebAssembly.Module.imports(module).filter(({ kind }) => kind === 'function')
  const env = Object.fromEntries(functions.map(({ name }) => [name, () => 0]))
  const { exports } = await WebAssembly.instantiate(module, {
    env: { ...env, __indirect_function_table: table },
  })
  const v86 = { ...exports, table } as unknown as FreshV86
  v86.rust_init()
  return { v86, ram: v86.allocate_memory(1024 * 1024) }
}

test('the v86 of the lock file gets its places and a table that holds them, where it is looked for', async () => {
  const { v86, ram } = await freshV86()
  addTranslationSlots(v86, ram, SLOTS)
  expect(v86.table.length).toBe(1024 + SLOTS + 1)
  // Its own list is nowhere any more, as in a build of v86 that keeps it elsewhere.
  expect(() => addTranslationSlots(v86, ram, SLOTS)).toThrow('its list of free translations elsewhere')
})
