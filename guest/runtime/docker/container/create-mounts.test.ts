import { expect, test } from 'vitest'
import type { MountRequest } from '../../../protocol/api/engine-api.ts'
import { IMAGE, testEngine } from '../../testing/test-engine.ts'
import { recoverContainers } from './recover-containers.ts'
import { createContainer } from './create-container.ts'
import { prepareStart } from './prepare-start.ts'

const MOUNT: MountRequest = { Type: 'image', Source: 'busybox', Target: '/x' }
const OTHER = `sha256:${'5'.repeat(64)}` as const
const LAYERS = IMAGE.layers.map(({ diffId }) => diffId)

/** An engine with a second image, and the leases of layers by who holds them. */
function scene() {
  const engine = testEngine()
  const leases = new Map<string, string[]>()
  const layer = { ...IMAGE.layers[0]!, diffId: 'sha256:cccc' as const }
  const other = { ...IMAGE, id: OTHER, layers: [...IMAGE.layers, layer] }
  engine.context.images = {
    find: async (reference) => (reference === 'other' ? other : testEngine().context.images.find(reference)),
  }
  engine.context.content = {
    ...engine.context.content,
    lease: async (id, digests) => void leases.set(id, [...digests]),
    release: async (id) => void leases.delete(id),
  }
  return { ...engine, leases }
}

test('a mounted image is shown, warned of, and kept for as long as the container', async () => {
  const { context, leases } = scene()
  const request = { Image: 'busybox', HostConfig: { Mounts: [{ ...MOUNT, Source: 'other' }] } }
  const { Id, Warnings } = await createContainer(context, request)
  expect(Warnings).toEqual(['Image mount is an experimental feature'])
  const { record } = context.containers.find(Id)
  expect(record.mounts[0]!.point).toMatchObject({ Type: 'image', Name: 'other', RW: false })
  expect(record.imageMounts).toEqual({ [OTHER]: ['sha256:cccc', ...LAYERS.toReversed()] })
  expect(leases.get(Id)!.toSorted()).toEqual([...LAYERS, 'sha256:cccc'])
  await recoverContainers(context)
  expect(context.containers.find(Id).record.imageMounts).toEqual(record.imageMounts)
})

test('a container without an image of its own keeps those that it mounts', async () => {
  const { context, leases } = scene()
  const { Id } = await createContainer(context, { Cmd: ['x'], HostConfig: { Mounts: [MOUNT] } })
  expect(leases.get(Id)!.toSorted()).toEqual(LAYERS)
})

test('what another container mounts is kept by both, each in a directory of its own', async () => {
  const { context, create, leases } = scene()
  const one = await create({ HostConfig: { Mounts: [{ ...MOUNT, Source: 'other' }] } }, 'one')
  const two = await create({ HostConfig: { VolumesFrom: ['one'] } }, 'two')
  expect(leases.get(two.id)).toContain('sha256:cccc')
  const [mine, theirs] = [one, two].map(({ record }) => record.mounts[0]!)
  expect(theirs).toMatchObject({ image: OTHER, destination: '/x' })
  expect(mine!.source).toContain(`/${one.id}/`)
  expect(theirs!.source).toBe(mine!.source.replace(one.id, two.id))
  expect(context.containers.all()).toHaveLength(2)
})

test('a start merges the layers of the mounted image', async () => {
  const { context, create } = scene()
  const container = await create({ HostConfig: { Mounts: [{ ...MOUNT, ImageOptions: { Subpath: 'bin' } }] } })
  const { plan } = await prepareStart(context, container)
  const { layers } = context.paths
  expect(plan.init).toContainEqual(
    expect.objectContaining({
      op: 'mount-fs',
      target: container.record.mounts[0]!.source,
      options: ['source=overlay', `lowerdir+=${layers}/bbbb`, `lowerdir+=${layers}/aaaa`],
    }),
  )
  expect(plan.init).toContainEqual(
    expect.objectContaining({ op: 'bind', source: 'bin', sourceBeneath: true, target: '/x' }),
  )
})

test('an image that is not there leaves nothing, and what is wrong by itself is said first', async () => {
  const { context, leases } = scene()
  const create = (mount: object) =>
    createContainer(context, {
      Image: 'busybox',
      HostConfig: { Mounts: [{ ...MOUNT, Source: 'none', ...mount }] },
    })
  await expect(create({})).rejects.toMatchObject({ code: 'not-found', message: 'No such image: none:latest' })
  await expect(create({ ImageOptions: { Subpath: '../x' } })).rejects.toMatchObject({ code: 'invalid' })
  expect([context.containers.all(), [...leases]]).toEqual([[], []])
})
