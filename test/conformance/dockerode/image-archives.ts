import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { describe, expect, test } from 'vitest'
import { refusal, unique, type DockerBench } from '../../support/docker-bench.ts'
import { makeTar } from '../../support/make-tar.ts'
import { tarContents } from '../../support/tar-contents.ts'

export function describeImageArchives(bench: DockerBench): void {
  describeSaving(bench)
  describeImporting(bench)
  describeCommitting(bench)
}

const archive = (files: Record<string, string>) =>
  Buffer.from(makeTar(Object.entries(files).map(([name, content]) => ({ name, content }))))

const removed = (bench: DockerBench, name: string) =>
  bench.undo(() => bench.docker.getImage(name).remove({ force: true }))

function describeSaving(bench: DockerBench): void {
  const save = async (name: string) => buffer(await bench.docker.getImage(name).get())

  describe('an image that is saved', () => {
    test('is an archive in the forms of Docker and of OCI', async () => {
      const members = await tarContents(Readable.from(await save('busybox')))
      const manifest = JSON.parse(members.get('manifest.json')!.toString()) as {
        Config: string
        RepoTags: string[]
        Layers: string[]
      }[]
      const { Id } = await bench.docker.getImage('busybox').inspect()
      expect(manifest[0]).toMatchObject({
        RepoTags: ['busybox:latest'],
        Config: `blobs/sha256/${Id.slice(7)}`,
      })
      for (const name of [manifest[0]!.Config, ...manifest[0]!.Layers, 'index.json', 'oci-layout'])
        expect([...members.keys()]).toContain(name)
    })

    test('is loaded as it was', async () => {
      const container = await bench.ended('echo kept > /kept')
      const { Id } = (await container.commit({ repo: 'saved', tag: 'v1' })) as { Id: string }
      const bytes = await save('saved:v1')
      await bench.docker.getImage('saved:v1').remove({ force: true })
      const lines = await bench.progress(
        await bench.docker.loadImage(Readable.from([bytes]) as NodeJS.ReadableStream),
      )
      removed(bench, 'saved:v1')
      expect(lines.map(({ stream }) => stream)).toContain('Loaded image: saved:v1\n')
      expect((await bench.docker.getImage('saved:v1').inspect()).Id).toBe(Id)
      expect(await bench.says('cat /kept', { Image: 'saved:v1' })).toBe('kept')
    })

    test('by its id has no name when it is loaded', async () => {
      const container = await bench.ended('true')
      const { Id } = (await container.commit({ comment: unique('nameless') })) as { Id: string }
      removed(bench, Id)
      const bytes = await save(Id)
      const lines = await bench.progress(
        await bench.docker.loadImage(Readable.from([bytes]) as NodeJS.ReadableStream),
      )
      expect(lines.map(({ stream }) => stream)).toContain(`Loaded image ID: ${Id}\n`)
    })

    test('must be there', async () => {
      expect(await refusal(bench.docker.getImage('absent').get())).toEqual([404, 'No such image: absent'])
    })
  })

  describe('loading', () => {
    // dockerd's sentence names a file of a temporary folder of its own; that nothing comes of it is what counts.
    test('refuses what is no archive of images', async () => {
      const before = await bench.docker.listImages({ all: true })
      const file = Readable.from([archive({ other: 'x' })]) as NodeJS.ReadableStream
      const loaded = bench.docker.loadImage(file).then((stream) => bench.progress(stream))
      await expect(loaded).rejects.toThrow()
      expect(await bench.docker.listImages({ all: true })).toHaveLength(before.length)
    })
  })
}

function describeImporting(bench: DockerBench): void {
  const root = archive({ 'etc/mark': 'imported\n' })

  describe('an import', () => {
    test('makes an image of one layer of a tar', async () => {
      const file = Readable.from([root]) as NodeJS.ReadableStream
      const lines = await bench.progress(
        await bench.docker.importImage(file, { repo: 'imported', tag: 'v1' }),
      )
      removed(bench, 'imported:v1')
      expect(lines.at(-1)!.status).toMatch(/^sha256:[0-9a-f]{64}$/)
      const details = await bench.docker.getImage('imported:v1').inspect()
      expect([details.Id, details.RootFS.Layers?.length]).toEqual([lines.at(-1)!.status, 1])
    })

    test('has a message, and changes', async () => {
      const file = Readable.from([root]) as NodeJS.ReadableStream
      await bench.progress(
        await bench.docker.importImage(file, { repo: 'changed', message: 'by hand', changes: 'CMD ["/x"]' }),
      )
      removed(bench, 'changed')
      const { Comment, Config } = await bench.docker.getImage('changed').inspect()
      expect([Comment, Config.Cmd]).toEqual(['by hand', ['/x']])
    })

    test('without a command needs one to run', async () => {
      const file = Readable.from([root]) as NodeJS.ReadableStream
      await bench.progress(await bench.docker.importImage(file, { repo: 'bare' }))
      removed(bench, 'bare')
      expect(await refusal(bench.docker.createContainer({ Image: 'bare' }))).toEqual([
        400,
        'no command specified',
      ])
    })
  })
}

function describeCommitting(bench: DockerBench): void {
  describe('a commit', () => {
    test('keeps what the container changed, over the same layers', async () => {
      const container = await bench.ended('echo 1 > /one; rm /bin/tac')
      const { Id } = (await container.commit({ repo: 'committed', tag: 'v1' })) as { Id: string }
      removed(bench, 'committed:v1')
      const [base, image] = [
        await bench.docker.getImage('busybox').inspect(),
        await bench.docker.getImage('committed:v1').inspect(),
      ]
      expect([image.Id, image.RootFS.Layers!.slice(0, -1)]).toEqual([Id, base.RootFS.Layers])
      expect(await bench.says('cat /one; [ -e /bin/tac ] || echo none', { Image: 'committed:v1' })).toBe(
        '1\nnone',
      )
    })

    test('has an author, a comment, and changes to its configuration', async () => {
      const container = await bench.ended('true')
      const changes = ['ENV A=1', 'CMD ["env"]', 'LABEL l=x', 'EXPOSE 80', 'USER nobody', 'WORKDIR /tmp']
      await container.commit({ repo: 'detailed', author: 'ann', comment: 'why', changes })
      removed(bench, 'detailed')
      const { Author, Comment, Config } = await bench.docker.getImage('detailed').inspect()
      expect([Author, Comment]).toEqual(['ann', 'why'])
      expect(Config).toMatchObject({
        Cmd: ['env'],
        Labels: { l: 'x' },
        ExposedPorts: { '80/tcp': {} },
        User: 'nobody',
        WorkingDir: '/tmp',
      })
      expect(Config.Env).toContain('A=1')
    })

    test('refuses an instruction that changes no configuration', async () => {
      const container = await bench.ended('true')
      expect(await refusal(container.commit({ changes: 'RUN true' }))).toEqual([
        400,
        'RUN is not a valid change command',
      ])
    })

    test('of a running container leaves it running', async () => {
      const container = await bench.start()
      const { Id } = (await container.commit({ pause: true })) as { Id: string }
      removed(bench, Id)
      expect((await container.inspect()).State.Status).toBe('running')
    })
  })
}
