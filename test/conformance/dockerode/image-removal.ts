import type Docker from 'dockerode'
import { describe, expect, test } from 'vitest'
import { refusal, unique, type DockerBench } from '../../support/docker-bench.ts'

const idOf = async (bench: DockerBench, name: string) => (await bench.docker.getImage(name).inspect()).Id

export function describeRemovalOfImages(bench: DockerBench): void {
  describeImageRemoval(bench)
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
