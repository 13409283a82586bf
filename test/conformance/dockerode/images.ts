import type Docker from 'dockerode'
import { describe, expect, test } from 'vitest'
import { refusal, unique, type DockerBench } from '../../support/docker-bench.ts'

export function describeImages(bench: DockerBench): void {
  describePulling(bench)
  describeLooking(bench)
  describeTagging(bench)
  describeImageListing(bench)
  describeImageRemoval(bench)
}

const idOf = async (bench: DockerBench, name: string) => (await bench.docker.getImage(name).inspect()).Id

function describePulling(bench: DockerBench): void {
  describe('pulling', () => {
    test('says what it does, and that the image is up to date', async () => {
      const lines = await bench.progress(await bench.docker.pull('busybox:latest'))
      expect(lines[0]).toMatchObject({ status: 'Pulling from library/busybox', id: 'latest' })
      const said = lines.map(({ status }) => status)
      expect(said.at(-2)).toMatch(/^Digest: sha256:[0-9a-f]{64}$/)
      expect(said.at(-1)).toBe('Status: Image is up to date for busybox:latest')
    })

    test('takes names in every form', async () => {
      for (const name of [
        'busybox',
        'library/busybox',
        'docker.io/library/busybox',
        'docker.io/busybox:latest',
      ]) {
        const lines = await bench.progress(await bench.docker.pull(name))
        expect(lines.at(-1)!.status).toMatch(/^Status: Image is up to date for /)
      }
    })

    test('takes name and tag apart', async () => {
      const stream = await bench.docker.createImage({ fromImage: 'busybox', tag: 'latest' })
      expect((await bench.progress(stream)).at(-1)!.status).toContain('up to date for busybox:latest')
    })

    test('takes a digest', async () => {
      const { RepoDigests } = await bench.docker.getImage('busybox').inspect()
      const lines = await bench.progress(await bench.docker.pull(RepoDigests[0]!))
      expect(lines.at(-1)!.status).toBe(`Status: Image is up to date for ${RepoDigests[0]}`)
    })

    test('refuses a name that is none', async () => {
      expect(await refusal(bench.docker.createImage({ fromImage: 'UPPER' }))).toEqual([
        400,
        'invalid reference format: repository name (library/UPPER) must be lowercase',
      ])
    })

    test('does not find what a registry does not have', async () => {
      const call = bench.docker.createImage({ fromImage: 'registry.local/absent', tag: 'v1' })
      expect(await refusal(call)).toEqual([
        404,
        'manifest for registry.local/absent:v1 not found: manifest unknown: manifest unknown',
      ])
    })
  })

  describe('the registry of the page', () => {
    test('takes a push, and gives it back', async () => {
      const name = await bench.tag('busybox', 'registry.local/push/me', 'v1')
      const lines = await bench.progress(await bench.docker.getImage(name).push())
      expect(lines[0]!.status).toBe('The push refers to repository [registry.local/push/me]')
      expect(
        lines.some(({ status }) => /^v1: digest: sha256:[0-9a-f]{64} size: \d+$/.test(status ?? '')),
      ).toBe(true)
      const before = await idOf(bench, name)
      await bench.docker.getImage(name).remove()
      await bench.progress(await bench.docker.pull(name))
      expect(await idOf(bench, name)).toBe(before)
    })

    test('tells of what it has, with its platforms', async () => {
      const name = await bench.tag('busybox', 'registry.local/dist/me', 'v1')
      await bench.progress(await bench.docker.getImage(name).push())
      const { Descriptor, Platforms } = await bench.docker.getImage(name).distribution()
      expect(Descriptor.digest).toMatch(/^sha256:[0-9a-f]{64}$/)
      expect(Platforms).toEqual([{ architecture: '386', os: 'linux' }])
    })

    test('does not take what has no such tag', async () => {
      const stream = await bench.docker
        .getImage('registry.local/never/was')
        .push({ tag: 'v1' })
        .catch((e: unknown) => e)
      const failure =
        stream instanceof Error
          ? stream
          : await bench.progress(stream as NodeJS.ReadableStream).catch((e: unknown) => e)
      expect(String(failure)).toMatch(
        /An image does not exist locally with the tag: registry\.local\/never\/was|tag does not exist: registry\.local\/never\/was:v1/,
      )
    })
  })

  describe('a search', () => {
    test('finds images by a part of their name', async () => {
      const found = (await bench.docker.searchImages({ term: 'busyb' })) as {
        name: string
        is_official: boolean
      }[]
      expect(found.map(({ name }) => name)).toContain('busybox')
    })

    test('gives as many as are asked for', async () => {
      const found = (await bench.docker.searchImages({ term: 'e', limit: 1 })) as object[]
      expect(found).toHaveLength(1)
    })

    test('refuses a limit out of range', async () => {
      expect(await refusal(bench.docker.searchImages({ term: 'x', limit: 101 }))).toEqual([
        400,
        'limit 101 is outside the range of [1, 100]',
      ])
    })
  })
}

function describeLooking(bench: DockerBench): void {
  describe('an image', () => {
    test('shows its names, platform, configuration and layers', async () => {
      const details = await bench.docker.getImage('busybox').inspect()
      expect(details).toMatchObject({
        RepoTags: expect.arrayContaining(['busybox:latest']) as unknown,
        Os: 'linux',
        Architecture: '386',
        Config: { Cmd: ['sh'], Env: [expect.stringMatching(/^PATH=/)] },
        RootFS: { Type: 'layers' },
        GraphDriver: { Name: 'overlay2' },
      })
      expect(details.Id).toMatch(/^sha256:[0-9a-f]{64}$/)
      expect(details.RepoDigests[0]).toMatch(/^busybox@sha256:[0-9a-f]{64}$/)
      expect(details.RootFS.Layers).toHaveLength(1)
      expect(details.Size).toBeGreaterThan(100_000)
    })

    test('is found by name, id, short id and digest', async () => {
      const { Id, RepoDigests } = await bench.docker.getImage('busybox').inspect()
      for (const name of [
        'busybox',
        'busybox:latest',
        'docker.io/library/busybox',
        Id,
        Id.slice(7, 19),
        RepoDigests[0]!,
      ])
        expect(await idOf(bench, name)).toBe(Id)
    })

    test('has a history, newest first', async () => {
      const history = (await bench.docker.getImage('busybox').history()) as Record<string, unknown>[]
      expect(history[0]).toMatchObject({ Id: await idOf(bench, 'busybox'), Tags: ['busybox:latest'] })
      expect(Object.keys(history[0]!).sort()).toEqual([
        'Comment',
        'Created',
        'CreatedBy',
        'Id',
        'Size',
        'Tags',
      ])
    })

    type Call = (image: Docker.Image) => Promise<unknown>
    const calls: [string, Call][] = [
      ['inspect', (image) => image.inspect()],
      ['history', (image) => image.history()],
      ['tag', (image) => image.tag({ repo: 'x' })],
      ['remove', (image) => image.remove()],
    ]
    test.each(calls)('that is not there is what %s says', async (_name, call) => {
      expect(await refusal(call(bench.docker.getImage('absent')))).toEqual([
        404,
        'No such image: absent:latest',
      ])
    })

    test('is not found by a name that is none', async () => {
      const [status] = await refusal(bench.docker.getImage('Absent').inspect())
      expect([400, 404]).toContain(status)
    })
  })
}

function describeTagging(bench: DockerBench): void {
  describe('a tag', () => {
    test('is another name of an image', async () => {
      const name = await bench.tag('busybox', 'mine/box', 'v1')
      const { Id, RepoTags } = await bench.docker.getImage(name).inspect()
      expect(Id).toBe(await idOf(bench, 'busybox'))
      expect(RepoTags).toContain('mine/box:v1')
    })

    test('is latest when it is not said', async () => {
      await bench.docker.getImage('busybox').tag({ repo: 'untold' })
      bench.undo(() => bench.docker.getImage('untold').remove())
      expect((await bench.docker.getImage('untold').inspect()).RepoTags).toContain('untold:latest')
    })

    test('moves from one image to another', async () => {
      const name = await bench.tag('busybox', 'moved', 'v1')
      await bench.docker.getImage('hello-world').tag({ repo: 'moved', tag: 'v1' })
      expect(await idOf(bench, name)).toBe(await idOf(bench, 'hello-world'))
    })

    test.each([
      [
        'a repository in upper case',
        { repo: 'Mine' },
        'invalid reference format: repository name (library/Mine) must be lowercase',
      ],
      ['a tag with a slash', { repo: 'mine', tag: 'a/b' }, 'invalid tag format'],
      ['no repository', { repo: '' }, 'invalid reference format'],
      [
        'a digest',
        { repo: `mine@sha256:${'0'.repeat(64)}` },
        'refusing to create a tag with a digest reference',
      ],
    ])('with %s is refused', async (_what, options, sentence) => {
      expect(await refusal(bench.docker.getImage('busybox').tag(options))).toEqual([400, sentence])
    })
  })
}

function describeImageListing(bench: DockerBench): void {
  const names = async (filters: Record<string, string[]>) =>
    (await bench.docker.listImages({ filters: JSON.stringify(filters) }))
      .flatMap(({ RepoTags }) => RepoTags ?? [])
      .sort()

  describe('a list of images', () => {
    test('has a summary of each', async () => {
      const images = await bench.docker.listImages()
      const busybox = images.find(({ RepoTags }) => RepoTags?.includes('busybox:latest'))
      expect(busybox).toMatchObject({
        Id: await idOf(bench, 'busybox'),
        ParentId: '',
        // -1: not asked for.
        SharedSize: -1,
        Containers: -1,
        Labels: null,
      })
      expect(busybox!.Created).toBeGreaterThan(0)
    })

    test('filters by reference, with patterns', async () => {
      await bench.tag('busybox', 'list/one', 'v1')
      await bench.tag('busybox', 'list/two', 'v2')
      expect(await names({ reference: ['list/one'] })).toEqual(['list/one:v1'])
      expect(await names({ reference: ['list/*'] })).toEqual(['list/one:v1', 'list/two:v2'])
      expect(await names({ reference: ['*/*:v2'] })).toEqual(['list/two:v2'])
    })

    test('filters by label and by what has no name', async () => {
      const committed = (await (await bench.ended('true')).commit({ changes: 'LABEL kind=listed' })) as {
        Id: string
      }
      bench.undo(() => bench.docker.getImage(committed.Id).remove())
      const ids = async (filters: object) =>
        (await bench.docker.listImages({ filters: JSON.stringify(filters) })).map(({ Id }) => Id)
      expect(await ids({ label: ['kind=listed'] })).toEqual([committed.Id])
      expect(await ids({ label: ['kind=other'] })).toEqual([])
      expect(await ids({ dangling: ['true'] })).toEqual([committed.Id])
      expect(await ids({ dangling: ['false'] })).not.toContain(committed.Id)
      expect(await ids({ since: ['busybox'], label: ['kind'] })).toEqual([committed.Id])
      expect(await ids({ before: [committed.Id] })).toContain(await idOf(bench, 'busybox'))
    })

    test.each([
      ['an unknown filter', { nope: ['1'] }, 400, "invalid filter 'nope'"],
      [
        'a value that is neither true nor false',
        { dangling: ['maybe'] },
        400,
        "invalid filter 'dangling=[maybe]'",
      ],
      ['an image that is not there', { since: ['absent'] }, 404, 'No such image: absent'],
    ])('refuses %s', async (_what, filters, status, sentence) => {
      const [code, said] = await refusal(bench.docker.listImages({ filters: JSON.stringify(filters) }))
      expect([code, said.replace(/:latest$/, '')]).toEqual([status, sentence])
    })
  })
}

function describeImageRemoval(bench: DockerBench): void {
  const made = async (name: string): Promise<{ id: string; container: Docker.Container }> => {
    const container = await bench.ended('echo > /mark')
    const [repo, tag] = name.split(':')
    const { Id } = (await container.commit({ repo, tag })) as { Id: string }
    return { id: Id, container }
  }

  describe('removing an image', () => {
    test('by one of its names takes that name away', async () => {
      await bench.docker.getImage('busybox').tag({ repo: 'extra', tag: 'v1' })
      expect(await bench.docker.getImage('extra:v1').remove()).toEqual([{ Untagged: 'extra:v1' }])
      await idOf(bench, 'busybox')
    })

    test('by its last name deletes it, and the layers that nobody has', async () => {
      const { id, container } = await made('gone:v1')
      await container.remove()
      const answer = (await bench.docker.getImage('gone:v1').remove()) as Record<string, string>[]
      expect(answer[0]).toEqual({ Untagged: 'gone:v1' })
      expect(answer).toContainEqual({ Deleted: id })
      expect(answer).toHaveLength(3)
      expect((await refusal(bench.docker.getImage(id).inspect()))[0]).toBe(404)
    })

    test('by its id is refused while it has names in two repositories', async () => {
      const { id } = await made('two:v1')
      await bench.tag(id, 'other', 'v1')
      bench.undo(() => bench.docker.getImage('two:v1').remove())
      expect(await refusal(bench.docker.getImage(id).remove())).toEqual([
        409,
        `conflict: unable to delete ${id.slice(7, 19)} (must be forced) - image is referenced in multiple repositories`,
      ])
    })

    test('is refused while a stopped container is made of it, unless it is forced', async () => {
      const { id } = await made('used:v1')
      const user = await bench.create({ Image: 'used:v1' })
      const short = user.id.slice(0, 12)
      expect(await refusal(bench.docker.getImage('used:v1').remove())).toEqual([
        409,
        `conflict: unable to remove repository reference "used:v1" (must force) - container ${short} is using its referenced image ${id.slice(7, 19)}`,
      ])
      expect(await refusal(bench.docker.getImage(id).remove())).toEqual([
        409,
        `conflict: unable to delete ${id.slice(7, 19)} (must be forced) - image is being used by stopped container ${short}`,
      ])
      const answer = (await bench.docker.getImage('used:v1').remove({ force: true })) as object[]
      expect(answer[0]).toEqual({ Untagged: 'used:v1' })
    })

    test('by its id is refused by a running container, even by force', async () => {
      const { id } = await made('running:v1')
      bench.undo(() => bench.docker.getImage('running:v1').remove())
      const user = await bench.start({ Image: 'running:v1' })
      expect(await refusal(bench.docker.getImage(id).remove({ force: true }))).toEqual([
        409,
        `conflict: unable to delete ${id.slice(7, 19)} (cannot be forced) - image is being used by running container ${user.id.slice(0, 12)}`,
      ])
    })
  })

  describe('pruning images', () => {
    test('removes those without a name, or of a label alone', async () => {
      const commit = async (label: string) => {
        const container = await bench.ended('true')
        const { Id } = (await container.commit({ changes: `LABEL prune=${label}` })) as { Id: string }
        await container.remove()
        return Id
      }
      const [one, other] = [await commit(unique('p')), await commit('keep')]
      const pruned = await bench.docker.pruneImages({ filters: { 'label!': ['prune=keep'] } })
      expect(pruned.ImagesDeleted).toContainEqual({ Deleted: one })
      await idOf(bench, other)
      const rest = await bench.docker.pruneImages()
      expect(rest.ImagesDeleted).toContainEqual({ Deleted: other })
      await idOf(bench, 'busybox')
    })

    test('has null for none', async () => {
      await bench.docker.pruneImages()
      expect(await bench.docker.pruneImages()).toEqual({ ImagesDeleted: null, SpaceReclaimed: 0 })
    })
  })
}
