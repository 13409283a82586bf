import { describe, expect, test } from 'vitest'
import { refusal, type DockerBench } from '../../support/docker-bench.ts'

const idOf = async (bench: DockerBench, name: string) => (await bench.docker.getImage(name).inspect()).Id

export function describeImagePulling(bench: DockerBench): void {
  describePulling(bench)
}

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

    test('does not take what is not there', async () => {
      const pushed = bench.docker
        .getImage('registry.local/never/was')
        .push({ tag: 'v1' })
        .then((stream) => bench.progress(stream))
      await expect(pushed).rejects.toThrow(
        'An image does not exist locally with the tag: registry.local/never/was',
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
