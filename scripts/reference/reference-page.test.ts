import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { REFERENCE_PAGE } from '../reference.ts'
import { commandRows, endpointRows, referencePage } from './reference-page.ts'

it('the reference page is what the tables say: `npm run reference` writes it', () => {
  expect(readFileSync(REFERENCE_PAGE, 'utf8')).toBe(referencePage())
})

it('every endpoint works, is refused with a reason, or is out of scope', () => {
  const rows = Object.values(endpointRows()).flat()
  expect(rows.length).toBeGreaterThan(100)
  expect(rows.filter(({ state }) => state === 'missing').map(({ name }) => name)).toEqual([])
})

it('every command works, is refused with a reason, or is out of scope', () => {
  const rows = commandRows()
  expect(rows.length).toBeGreaterThan(100)
  expect(rows.filter(({ state }) => state === 'missing').map(({ name }) => name)).toEqual([])
})
