import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { limitTranslations, setThreshold } from './compile-v86.ts'

const PATH = fileURLToPath(new URL('v86.wasm', import.meta.resolve('v86')))
const differences = (a: Uint8Array, b: Uint8Array) =>
  a.reduce((sum, byte, at) => sum + (byte === b[at] ? 0 : 1), 0)

test('the v86 of the lock file has the threshold where it is looked for, and remains a module', async () => {
  const before = Uint8Array.from(await readFile(PATH))
  const after = setThreshold(before.slice(), 22)
  expect(differences(before, after)).toBe(4)
  expect(WebAssembly.validate(after)).toBe(true)
})

test('a module with two such places is left alone', () => {
  const place = [0x41, 0xc0, 0x9a, 0x0c, 0x49, 0x0d, 0x00]
  expect(differences(Uint8Array.from(place), setThreshold(Uint8Array.from(place), 22))).toBe(4)
  const twice = Uint8Array.from([...place, ...place])
  expect(setThreshold(twice.slice(), 22)).toEqual(twice)
})

test('a translation holds one page of code', async () => {
  const module = await WebAssembly.compile(await readFile(PATH))
  const table = new WebAssembly.Table({ element: 'anyfunc', initial: 4096 })
  const functions = WebAssembly.Module.imports(module).filter(({ kind }) => kind === 'function')
  const env = Object.fromEntries(functions.map(({ name }) => [name, () => 0]))
  const { exports } = await WebAssembly.instantiate(module, {
    env: { ...env, __indirect_function_table: table },
  })
  const pages = exports.get_jit_config as (index: number) => number
  expect(pages(1)).toBe(3)
  limitTranslations(exports)
  expect(pages(1)).toBe(1)
})
