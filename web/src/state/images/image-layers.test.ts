import { expect, test } from 'vitest'
import type { ImageHistoryItem } from '../../../../guest/protocol/api/engine-api.ts'
import { layersOf } from './image-layers.ts'

const step = (CreatedBy: string, Size: number): ImageHistoryItem => ({
  Id: '<missing>',
  Created: 0,
  CreatedBy,
  Size,
  Tags: null,
  Comment: '',
})
const image = (Id: string, Layers: string[]) => ({ Id, RootFS: { Type: 'layers', Layers } })

test('steps that made a layer pair with the digests, lowest first; the rest are configuration', () => {
  const history = [step('CMD', 0), step('RUN', 20), step('ENV', 0), step('ADD', 10)]
  const layers = layersOf(image('i', ['d1', 'd2']), history, [], new Map())
  expect(layers.map(({ createdBy, digest }) => [createdBy, digest])).toEqual([
    ['ADD', 'd1'],
    ['ENV', undefined],
    ['RUN', 'd2'],
    ['CMD', undefined],
  ])
})

test('a layer of no bytes is a layer when digests would otherwise be left over', () => {
  const layers = layersOf(image('i', ['d1', 'd2']), [step('RUN true', 0), step('ADD', 10)], [], new Map())
  expect(layers.map(({ digest }) => digest)).toEqual(['d1', 'd2'])
})

test('a layer names the other images and the containers that stand on it', () => {
  const owners = [
    { kind: 'image' as const, name: 'nginx', image: 'n' },
    { kind: 'image' as const, name: 'debian', image: 'd' },
    { kind: 'container' as const, name: 'web', image: 'n' },
  ]
  const digestsOf = new Map([
    ['n', ['base', 'top']],
    ['d', ['base']],
  ])
  const layers = layersOf(image('n', ['base', 'top']), [step('RUN', 2), step('ADD', 1)], owners, digestsOf)
  expect(layers.map(({ sharedBy }) => sharedBy)).toEqual([
    { images: ['debian'], containers: ['web'] },
    { images: [], containers: ['web'] },
  ])
})
