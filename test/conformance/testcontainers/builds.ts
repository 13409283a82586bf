import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import Docker from 'dockerode'
import { GenericContainer } from 'testcontainers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { FOREVER, says, type TestcontainersBench } from '../../support/testcontainers-bench.ts'

const FILES: Record<string, string> = {
  Dockerfile:
    'FROM busybox AS base\nARG WHO=nobody\nENV WHO=$WHO\nCOPY app /app\nFROM base AS final\nRUN cp /app/data /made\n',
  'other.dockerfile': 'FROM busybox\nCOPY app/data /other\n',
  'broken.dockerfile': 'FROM busybox\nRUN exit 7\n',
  'app/data': 'data\n',
  'app/ignored': 'ignored\n',
  '.dockerignore': 'app/ignored\n',
}

export function describeBuilds(bench: TestcontainersBench): void {
  let context: string

  beforeAll(async () => {
    context = await mkdtemp(join(tmpdir(), 'testcontainers-'))
    for (const [name, content] of Object.entries(FILES)) {
      await mkdir(dirname(join(context, name)), { recursive: true })
      await writeFile(join(context, name), content)
    }
  })
  afterAll(() => rm(context, { recursive: true }))

  let count = 0
  /** Built under a name of its own, which goes after the test. */
  async function built(
    dockerfile: string,
    configure = (it: ReturnType<typeof GenericContainer.fromDockerfile>) => it,
  ) {
    const name = `tc-built-${++count}`
    bench.undo(() => new Docker({ socketPath: bench.socketPath }).getImage(name).remove({ force: true }))
    const image = await configure(GenericContainer.fromDockerfile(context, dockerfile)).build(name, {
      deleteOnExit: false,
    })
    return { name, container: await bench.started(image.withCommand(FOREVER)) }
  }

  describe('a container of a Dockerfile', () => {
    test('is built and started', async () => {
      const { container } = await built('Dockerfile')
      expect(await says(container, 'cat /made; echo $WHO')).toBe('data\nnobody')
    })

    test('has no file that is ignored', async () => {
      const { container } = await built('Dockerfile')
      expect(await says(container, 'ls /app')).toBe('data')
    })

    test('takes arguments', async () => {
      const { container } = await built('Dockerfile', (it) => it.withBuildArgs({ WHO: 'ann' }))
      expect(await says(container, 'echo $WHO')).toBe('ann')
    })

    test('takes a target', async () => {
      const { container } = await built('Dockerfile', (it) => it.withTarget('base'))
      expect(await says(container, 'ls /made 2>/dev/null || echo none')).toBe('none')
    })

    test('takes another file', async () => {
      const { container } = await built('other.dockerfile')
      expect(await says(container, 'cat /other')).toBe('data')
    })

    test('is built without the cache', async () => {
      const { container } = await built('other.dockerfile', (it) => it.withCache(false))
      expect(await says(container, 'cat /other')).toBe('data')
    })

    test('that fails says with what', async () => {
      const build = GenericContainer.fromDockerfile(context, 'broken.dockerfile').build('tc-broken', {
        deleteOnExit: false,
      })
      await expect(build).rejects.toThrow('Failed to build image')
    })
  })
}
