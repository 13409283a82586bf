import { describe, expect, it } from 'vitest'
import type { ImageRecord } from '../../../protocol/api/content.ts'
import { enginePaths } from '../../host/engine-paths.ts'
import { collect } from '../../testing/collect.ts'
import { memoryContent } from '../../host/channel/memory-content.ts'
import { ImageService } from './image-service.ts'
import {
  familiarReference,
  formatReference,
  parseReference,
  withDefaultTag,
} from '../../../vocabulary/image-reference.ts'
import type { ImageUser } from './remove-image.ts'

const ID = 'c0ffee'.padEnd(64, '0')
const image = (references: string[]): ImageRecord => ({
  id: `sha256:${ID}`,
  manifestDigest: `sha256:${'d'.repeat(64)}`,
  references: references.map((reference) => `docker.io/library/${reference}`),
  config: {
    architecture: '386',
    os: 'linux',
    created: '2026-01-02T03:04:05Z',
    rootfs: { type: 'layers', diff_ids: ['sha256:aa'] },
    history: [{ created_by: 'ADD' }, { created_by: 'CMD', empty_layer: true }],
  },
  layers: [{ digest: 'sha256:bb', diffId: 'sha256:aa', mediaType: 'tar', size: 5, unpackedSize: 50 }],
})

function service(held: ImageRecord[], users: ImageUser[] = [], catalogue: ImageRecord[] = []) {
  return new ImageService({
    content: memoryContent(held, catalogue),
    paths: enginePaths(),
    publish: () => undefined,
    now: () => 0n,
    users: () => users,
  })
}

describe('references', () => {
  it.each([
    ['busybox', 'docker.io/library/busybox:latest', 'busybox:latest'],
    ['a/b:1', 'docker.io/a/b:1', 'a/b:1'],
    ['registry.local/x', 'registry.local/x:latest', 'registry.local/x:latest'],
    ['localhost:5000/x:y', 'localhost:5000/x:y', 'localhost:5000/x:y'],
  ])('%s is %s', (text, full, familiar) => {
    const reference = withDefaultTag(parseReference(text))
    expect([formatReference(reference), familiarReference(reference)]).toEqual([full, familiar])
  })

  it.each(['', 'UPPER', 'a:', 'a@sha256:12', '-a', 'a//b', ID])('%o is refused', (text) => {
    expect(() => parseReference(text)).toThrow(/invalid re/)
  })
})

describe('images', () => {
  it('are not found for another platform than their own', async () => {
    const images = service([image(['busybox:latest'])])
    const asked = (architecture: string) => ({ os: 'linux', architecture })
    expect((await images.inspect('busybox', asked('386'))).Architecture).toBe('386')
    for (const look of [images.inspect('busybox', asked('arm64')), images.history('busybox', asked('arm64'))])
      await expect(look).rejects.toThrow(
        'image with reference busybox was found but its platform (linux/386) does not match the specified platform (linux/arm64)',
      )
    expect(await images.inspect('busybox')).not.toHaveProperty('Descriptor')
  })

  it('are found by name, tag, digest, id and its start', async () => {
    const images = service([image(['busybox:latest'])])
    for (const text of [
      'busybox',
      'busybox:latest',
      'docker.io/library/busybox',
      `busybox@sha256:${'d'.repeat(64)}`,
      ID,
      `sha256:${ID}`,
      'c0ffee',
    ])
      expect((await images.find(text)).id).toBe(`sha256:${ID}`)
    await expect(images.find('nginx')).rejects.toThrow('No such image: nginx:latest')
    await expect(images.find('busybox:1')).rejects.toThrow('No such image: busybox:1')
    await expect(images.find(`sha256:${'0'.repeat(64)}`)).rejects.toThrow('No such image: sha256:0000')
    await expect(images.find('Nginx')).rejects.toMatchObject({
      code: 'invalid',
      message: 'invalid reference format: repository name (library/Nginx) must be lowercase',
    })
  })

  it('take no name that is none, in dockerd’s words', async () => {
    const images = service([image(['busybox:latest'])])
    await expect(images.tag('busybox', 'mine', 'a/b')).rejects.toThrow('invalid tag format')
    const digest = `mine@sha256:${'0'.repeat(64)}`
    await expect(images.tag('busybox', digest, '')).rejects.toThrow('cannot import digest reference')
  })

  it('tell their history, sizes on the steps that made layers', async () => {
    const history = await service([image(['busybox:latest'])]).history('busybox')
    expect(history.map(({ Id, CreatedBy, Size }) => [Id, CreatedBy, Size])).toEqual([
      [`sha256:${ID}`, 'CMD', 0],
      ['<missing>', 'ADD', 50],
    ])
  })

  it('are pulled with Docker’s lines, and say when nothing was new', async () => {
    const images = service([], [], [image(['busybox:latest'])])
    const last = async () => (await collect(images.pull({ reference: 'busybox' }))).at(-1)?.status
    expect(await last()).toBe('Status: Downloaded newer image for busybox:latest')
    expect(await last()).toBe('Status: Image is up to date for busybox:latest')
    await expect(collect(images.pull({ reference: 'nope' }))).rejects.toThrow('pull access denied for nope')
  })

  it('are pulled whatever they are for when there is but one, with a warning', async () => {
    const images = service([], [], [image(['busybox:latest'])])
    const platform = { os: 'linux', architecture: 'arm64' }
    const lines = await collect(images.pull({ reference: 'busybox', platform }))
    expect(lines.at(-1)?.status).toBe(
      'WARNING: image with reference docker.io/library/busybox:latest was found but its platform (linux/386) does not match the specified platform (linux/arm64)',
    )
  })

  it('lose a tag while another is left, and go with the last', async () => {
    const images = service([image(['busybox:latest', 'busybox:1'])])
    expect(await images.remove('busybox:1', false, true)).toEqual([{ Untagged: 'busybox:1' }])
    expect(await images.remove('busybox', false, true)).toEqual([
      { Untagged: 'busybox:latest' },
      { Deleted: `sha256:${ID}` },
      { Deleted: 'sha256:aa' },
    ])
    expect(await images.all()).toEqual([])
  })

  it.each([
    [
      'busybox',
      [{ containerId: 'f'.repeat(64), running: false }],
      /^conflict: unable to remove repository reference "busybox" \(must force\) - container ffffffffffff is using its referenced image c0ffee000000$/,
    ],
    [
      ID,
      [{ containerId: 'f'.repeat(64), running: true }],
      /\(cannot be forced\) - image is being used by running container ffffffffffff$/,
    ],
    [
      ID,
      [{ containerId: 'f'.repeat(64), running: false }],
      /\(must be forced\) - image is being used by stopped container ffffffffffff$/,
    ],
  ])('are not removed from under a container: %s', async (text, users, message) => {
    await expect(service([image(['busybox:latest'])], users).remove(text, false, true)).rejects.toThrow(
      message,
    )
  })

  it('go from under a stopped container by force, and lose only the name under a running one', async () => {
    const user = { containerId: 'f'.repeat(64), running: false }
    const stopped = service([image(['busybox:latest'])], [user])
    expect(await stopped.remove('busybox', true, true)).toHaveLength(3)
    const running = service([image(['busybox:latest'])], [{ ...user, running: true }])
    expect(await running.remove('busybox', true, true)).toEqual([{ Untagged: 'busybox:latest' }])
    expect((await running.all()).map(({ references }) => references)).toEqual([[]])
  })

  it('are listed under those names that a reference filter matches', async () => {
    const images = service([image(['busybox:latest', 'mine:1', 'mine:2'])])
    const tags = async (reference: string) =>
      (await images.list({ reference: [reference] }, false, false)).map(({ RepoTags }) => RepoTags)
    expect(await tags('mine')).toEqual([['mine:1', 'mine:2']])
    expect(await tags('busy*:latest')).toEqual([['busybox:latest']])
    expect(await tags('nosuch')).toEqual([])
  })

  it('are not removed by id while several repositories name them', async () => {
    const images = service([image(['busybox:latest', 'other:latest'])])
    await expect(images.remove(ID, false, true)).rejects.toThrow(
      'image is referenced in multiple repositories',
    )
    expect(await images.remove(ID, true, true)).toHaveLength(4)
  })
})

describe('images that were built step by step', () => {
  const step = (number: string, parent: ImageRecord | undefined, references: string[]): ImageRecord => ({
    ...image(references),
    id: `sha256:${number.repeat(64)}`,
    config: { ...image([]).config, created: `2026-01-0${number}T00:00:00Z` },
    built: { parent: parent?.id ?? '', key: number },
  })
  const base = step('1', undefined, ['base:latest'])
  const middle = step('2', base, [])
  const left = step('3', middle, ['left:latest'])
  const right = step('4', middle, ['right:latest'])
  const family = () => service([base, middle, left, right])
  const ids = (summaries: { Id: string }[]) => summaries.map(({ Id }) => Id).sort()

  it('hide the steps between, unless all are asked for', async () => {
    expect(ids(await family().list({}, false, false))).toEqual([base.id, left.id, right.id])
    expect(ids(await family().list({}, false, true))).toEqual([base.id, middle.id, left.id, right.id])
  })

  it('name their steps in the history and their parent', async () => {
    const images = family()
    expect((await images.history('left')).map(({ Id }) => Id)).toEqual([left.id, middle.id])
    expect((await images.inspect('left')).Parent).toBe(middle.id)
  })

  it('take the steps along that nothing else needs', async () => {
    const images = family()
    const deleted = async (text: string, prune = true) =>
      (await images.remove(text, false, prune))
        .flatMap(({ Deleted }) => Deleted ?? [])
        .filter((id) => !id.startsWith('sha256:aa'))
    expect(await deleted('left')).toEqual([left.id])
    expect(await deleted('right')).toEqual([right.id, middle.id])
    expect(ids(await images.list({}, false, true))).toEqual([base.id])
  })

  it('keep a step that others were built on, whatever is asked', async () => {
    const images = family()
    await expect(images.remove(middle.id, true, true)).rejects.toThrow(
      'conflict: unable to delete 222222222222 (cannot be forced) - image has dependent child images',
    )
    expect(await images.remove('base', false, true)).toEqual([{ Untagged: 'base:latest' }])
    expect(ids(await images.list({}, false, true))).toContain(base.id)
  })

  it('are pruned from the last step down', async () => {
    const images = service([base, middle, { ...left, references: [] }])
    const { ImagesDeleted } = await images.prune({})
    expect(ImagesDeleted!.map(({ Deleted }) => Deleted)).toEqual(expect.arrayContaining([left.id, middle.id]))
    expect(ids(await images.list({}, false, true))).toEqual([base.id])
  })
})
