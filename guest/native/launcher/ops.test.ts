import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import {
  generateHeader,
  generateModule,
  OPS_HEADER,
  OPS_MODULE,
  readMessages,
  readTable,
} from '../../../scripts/generate-ops.ts'

test('the C view of the op table is what the generator makes of it', () => {
  expect(readFileSync(OPS_HEADER, 'utf8')).toBe(generateHeader(readTable(), readMessages()))
})

test('the TypeScript view of the op table is what the generator makes of it', async () => {
  expect(readFileSync(OPS_MODULE, 'utf8')).toBe(await generateModule(readTable(), readMessages()))
})

test('no op has more arguments than the interpreter has room for', () => {
  const room = Number(
    /MAX_ARGUMENTS (\d+)/.exec(readFileSync(new URL('plan.h', import.meta.url), 'utf8'))![1],
  )
  expect(Math.max(...readTable().map(({ args }) => Object.keys(args).length))).toBeLessThanOrEqual(room)
})

test('message numbers are unique', () => {
  const { toShim, fromShim } = readMessages()
  const numbers = [...Object.values(toShim), ...Object.values(fromShim)].map(({ number }) => number)
  expect(new Set(numbers).size).toBe(numbers.length)
})
