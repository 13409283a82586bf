import { expect, test } from 'vitest'
import type { ImageRecord } from '../../../protocol/api/content.ts'
import type { Filters } from '../../../protocol/api/engine-api.ts'
import { IMAGE } from '../../testing/test-engine.ts'
import { listImages } from './image-filters.ts'

const image = (name: string, created: string): ImageRecord => ({
  ...IMAGE,
  id: `sha256:${name.repeat(64)}`,
  references: [`docker.io/library/${name}${name}:latest`],
  config: { ...IMAGE.config, created },
})

/** The images were created less than a millisecond apart. */
const IMAGES = [
  image('a', '2026-01-01T00:00:00.0001Z'),
  image('b', '2026-01-01T00:00:00.00011Z'),
  image('c', '2026-01-01T00:00:00.000111Z'),
]

test.each<[Filters, string]>([
  [{}, 'cba'],
  [{ before: ['bb'] }, 'a'],
  [{ since: ['bb'] }, 'c'],
  [{ before: ['cc'], since: ['aa'] }, 'b'],
  [{ until: ['2026-01-01T00:00:00.00011Z', '2026-01-01T00:00:00.0002Z'] }, 'a'],
])('images filtered by %j are %s', (filters, expected) => {
  const listed = listImages(IMAGES, filters, 0n)
  expect(listed.map(({ id }) => id.at(-1)).join('')).toBe(expected)
})

test('a part of a name names no image', () => {
  expect(() => listImages(IMAGES, { before: ['b'] }, 0n)).toThrow('No such image: b')
})
