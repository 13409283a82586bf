import type Docker from 'dockerode'
import { describe, expect, test } from 'vitest'
import { refusal, type DockerBench } from '../../support/docker-bench.ts'

export function describeImages(bench: DockerBench): void {
  describeLooking(bench)
  describeTagging(bench)
  describeImageListing(bench)
}

const idOf = async (bench: DockerBench, name: string) => (await bench.docker.getImage(name).inspect()).Id

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
      ['a digest', { repo: `mine@sha256:${'0'.repeat(64)}` }, 'cannot import digest reference'],
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
      const id = await idOf(bench, 'busybox')
      const containers = await bench.docker.listContainers({ all: true })
      expect(busybox).toMatchObject({
        Id: id,
        ParentId: '',
        // -1: not asked for.
        SharedSize: -1,
        Containers: containers.filter(({ ImageID }) => ImageID === id).length,
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
