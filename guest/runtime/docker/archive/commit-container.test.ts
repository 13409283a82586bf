import { expect, test } from 'vitest'
import type { Digest, ImageRecord, OciImageConfig } from '../../../protocol/api/content.ts'
import { startContainer } from '../container/start-container.ts'
import { IMAGE, testEngine } from '../../testing/test-engine.ts'
import { commitContainer, type CommitOptions } from './commit-container.ts'

const OPTIONS: CommitOptions = {
  ...{ repository: '', tag: '', author: '', comment: '', pause: true },
  ...{ changes: [], config: undefined },
}
const NEW: Digest = `sha256:${'9'.repeat(64)}`
const EMPTY: Digest = 'sha256:5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef'

/** A store that answers each layer with `diffId` and remembers the images it was asked to make. */
function scene(diffId = NEW) {
  const engine = testEngine()
  const made: { config: OciImageConfig; layers: Digest[]; reference: string | undefined; built: unknown }[] =
    []
  const added: ImageRecord[] = []
  const statuses: string[] = []
  engine.context.content = {
    ...engine.context.content,
    async ingest() {
      statuses.push(engine.context.containers.all()[0]!.record.state.status)
      return { digest: diffId, diffId, size: 10, unpackedSize: 1 }
    },
    async createImage(config, layers, reference, built) {
      made.push({ config, layers, reference, built })
      return { ...IMAGE, id: `sha256:${'7'.repeat(64)}`, config, references: reference ? [reference] : [] }
    },
  }
  const commit = async (options: Partial<CommitOptions> = {}) => {
    const container = engine.context.containers.all()[0] ?? (await engine.create({ Env: ['A=1'] }, 'web'))
    return commitContainer(engine.context, container, { ...OPTIONS, ...options }, (image) =>
      added.push(image),
    )
  }
  return { engine, made, added, statuses, commit }
}

test("the image is the parent's with one more layer and the container's configuration", async () => {
  const { commit, made, engine } = scene()
  const id = await commit({ repository: 'me/app', tag: 'v1', author: 'Ann', comment: 'why' })
  const [{ config, layers, reference, built }] = made as [(typeof made)[number]]
  expect(reference).toBe('docker.io/me/app:v1')
  expect(built).toEqual({ parent: IMAGE.id, key: '' })
  expect(layers).toEqual([...IMAGE.layers.map(({ digest }) => digest), NEW])
  expect(config.rootfs.diff_ids).toEqual([...IMAGE.config.rootfs.diff_ids, NEW])
  expect(config).toMatchObject({ author: 'Ann', architecture: '386', os: 'linux' })
  expect(config.config).toEqual({ Env: ['A=1', 'PATH=/bin'], Cmd: ['sh'], Labels: { from: 'image' } })
  expect(config.history!.at(-1)).toMatchObject({ created_by: 'sh', comment: 'why', author: 'Ann' })
  const event = engine.events.find(({ Action }) => Action === 'commit')!
  expect(event.Actor.Attributes).toMatchObject({ comment: 'why', imageID: id, imageRef: 'me/app:v1' })
})

test('a container that changed nothing adds an entry to the history and no layer', async () => {
  const { commit, made } = scene(EMPTY)
  await commit()
  expect(made[0]!.layers).toHaveLength(IMAGE.layers.length)
  expect(made[0]!.config.history!.at(-1)).toMatchObject({ empty_layer: true })
  expect(made[0]!.reference).toBeUndefined()
})

test('a running container stands still while its files are read, and runs on after', async () => {
  const { commit, engine, statuses } = scene()
  const container = await engine.create()
  await startContainer(engine.context, container)
  await commit()
  expect([...statuses, container.record.state.status]).toEqual(['paused', 'running'])
  await commit({ pause: false })
  expect(statuses.at(-1)).toBe('running')
})

test('changes are Dockerfile instructions', async () => {
  const { commit, made } = scene()
  const changes = [
    'CMD ["x", "y"]',
    'ENV B=${A}2 C=3',
    'EXPOSE 80/tcp',
    'WORKDIR /srv',
    'LABEL a=b',
    'USER me',
  ]
  await commit({ changes })
  expect(made[0]!.config.config).toEqual({
    Cmd: ['x', 'y'],
    Env: ['A=1', 'PATH=/bin', 'B=12', 'C=3'],
    ExposedPorts: { '80/tcp': {} },
    WorkingDir: '/srv',
    Labels: { from: 'image', a: 'b' },
    User: 'me',
  })
})

test("a configuration in the request comes before the container's", async () => {
  const { commit, made } = scene()
  await commit({ config: { Cmd: ['other'], Env: ['A=2'], Labels: { own: 'x' } } })
  expect(made[0]!.config.config).toEqual({
    Cmd: ['other'],
    Env: ['A=2', 'PATH=/bin'],
    Labels: { from: 'image', own: 'x' },
  })
})

test.each([
  [{ changes: ['RUN true'] }, 'RUN is not a valid change command'],
  [{ changes: ['NOTHING here'] }, 'NOTHING is not a valid change command'],
  [{ repository: 'sha256', tag: 'x' }, 'refusing to create an ambiguous tag using digest algorithm as name'],
  [{ repository: 'UPPER' }, 'invalid reference format: repository name (library/UPPER) must be lowercase'],
] as const)('%j is refused: %s', async (options, message) => {
  const { commit, made } = scene()
  await expect(commit(options)).rejects.toMatchObject({ code: 'invalid', message })
  expect(made).toEqual([])
})
