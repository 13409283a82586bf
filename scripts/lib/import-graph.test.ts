import { expect, test } from 'vitest'
import { importCycles } from './import-graph.ts'

test('finds the files of a circle', () => {
  const graph = new Map([
    ['a', ['b', 'd']],
    ['b', ['c']],
    ['c', ['a']],
    ['d', []],
  ])
  expect(importCycles(graph)).toEqual([['a', 'b', 'c', 'a']])
})

test('finds none where files only share what they import', () => {
  const graph = new Map([
    ['a', ['c']],
    ['b', ['c', 'a']],
    ['c', []],
  ])
  expect(importCycles(graph)).toEqual([])
})
