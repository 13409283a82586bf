import { describeKeyValueStore } from '../../../test/contract/key-value-store.ts'
import { expect, test } from 'vitest'
import { MemoryKeyValueStore } from '../storage/memory-key-value-store.ts'
import { WithoutChunks } from './without-chunks.ts'

describeKeyValueStore('a store without chunks', () => new WithoutChunks(new MemoryKeyValueStore()))

test('chunks are forgotten, and what is set with them is not', async () => {
  const store = new WithoutChunks(new MemoryKeyValueStore())
  await store.setMany([
    ['chunk/a', 1],
    ['layer/b', 2],
  ])
  expect(await store.keys('')).toEqual(['layer/b'])
  expect(await store.get('chunk/a')).toBeUndefined()
})
