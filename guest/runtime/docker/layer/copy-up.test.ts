import { expect, test } from 'vitest'
import type { Digest } from '../../../protocol/api/content.ts'
import { testEngine } from '../../testing/test-engine.ts'
import { copyUpVolumes } from './copy-up.ts'

const LAYERS = '/run/porthole/layers'

/** A container record with so many layers and a new volume on `destination`, and the plans that fill the volume. */
async function scene(layers: number, destination: string) {
  const engine = testEngine()
  const { record } = await engine.create({ HostConfig: { Binds: [`data:${destination}`] } })
  record.layers = Array.from({ length: layers }, (_, index) => `sha256:${index}` as Digest)
  engine.machine.hostPlans.length = 0
  await copyUpVolumes(engine.context, record)
  return engine.machine.hostPlans.map(({ steps }) => steps)
}

test('an image of fifty layers is mounted by one step that names each of them', async () => {
  const [mount, unmount] = await scene(50, '/data')
  expect(mount!.map(({ op }) => op)).toEqual(['mkdir', 'mount-fs'])
  expect(mount![1]).toMatchObject({
    type: 'overlay',
    options: ['source=overlay', ...Array.from({ length: 50 }, (_, i) => `lowerdir+=${LAYERS}/${i}`)],
    attributes: 1n,
  })
  expect(unmount!.map(({ op }) => op)).toEqual(['umount', 'rmdir', 'rmdir'])
})

test('a single layer is read where it is, but for what the init layer covers', async () => {
  expect(await scene(1, '/data')).toEqual([])
  const [mount] = await scene(1, '/etc')
  expect(mount![1]).toMatchObject({
    options: ['source=overlay', 'lowerdir+=/var/lib/docker/init-layer', `lowerdir+=${LAYERS}/0`],
  })
})
