import { PassThrough, Readable } from 'node:stream'
import { describe, expect, test } from 'vitest'
import { refusal, unique, type DockerBench } from '../../support/docker-bench.ts'
import { makeTar } from '../../support/make-tar.ts'

const archive = (files: Record<string, string>) =>
  Buffer.from(makeTar(Object.entries(files).map(([name, content]) => ({ name, content }))))

const removed = (bench: DockerBench, name: string) =>
  bench.undo(() => bench.docker.getImage(name).remove({ force: true }))

export function describeImageBuilds(bench: DockerBench): void {
  describeBuilding(bench)
}

function describeBuilding(bench: DockerBench): void {
  const build = async (files: Record<string, string>, options: Record<string, unknown> = {}) => {
    const stream = await bench.docker.buildImage(
      Readable.from([archive(files)]) as NodeJS.ReadableStream,
      options,
    )
    return bench.progress(stream)
  }
  const built = async (
    dockerfile: string,
    options: Record<string, unknown> = {},
    files: Record<string, string> = {},
  ) => {
    const t = unique('built')
    removed(bench, t)
    const lines = await build({ Dockerfile: dockerfile, ...files }, { t, ...options })
    return { name: t, said: lines.map(({ stream }) => stream ?? '').join(''), lines }
  }

  describe('a build', () => {
    test('runs its steps and names the image', async () => {
      const { name, said, lines } = await built('FROM busybox\nRUN echo made > /made\nCMD ["cat", "/made"]\n')
      expect(said).toMatch(
        /^Step 1\/3 : FROM busybox\n ---> [0-9a-f]{12}\nStep 2\/3 : RUN echo made > \/made\n/,
      )
      expect(said).toMatch(
        new RegExp(`Successfully built [0-9a-f]{12}\nSuccessfully tagged ${name}:latest\n$`),
      )
      const { Id } = await bench.docker.getImage(name).inspect()
      expect(lines.find(({ aux }) => aux)!.aux).toEqual({ ID: Id })
      const container = await bench.docker.createContainer({ Image: name })
      bench.undo(() => container.remove({ force: true }))
      const gone = container.wait({ condition: 'next-exit' })
      await container.start()
      await gone
      expect((await bench.logs(container)).stdout).toBe('made\n')
    })

    // What .dockerignore says is the client's to leave out (moby builder/remotecontext): the engine keeps all it gets.
    test('copies from its context', async () => {
      const files = { 'a/one': '1\n', 'a/two': '2\n', '.dockerignore': 'a/two\n' }
      const { name } = await built('FROM busybox\nCOPY --chmod=600 a /a\n', {}, files)
      expect(await bench.says('ls /a; stat -c %a /a/one', { Image: name })).toBe('one\ntwo\n600')
    })

    test('takes arguments, labels, another file and a target', async () => {
      const file = 'FROM busybox AS one\nARG A=0\nENV B=$A\nFROM one AS two\nENV C=3\n'
      const { name } = await built(
        'FROM nowhere',
        {
          dockerfile: 'other/file',
          buildargs: { A: '5' },
          labels: { l: 'm' },
          target: 'one',
        },
        { 'other/file': file },
      )
      const { Config } = await bench.docker.getImage(name).inspect()
      expect([Config.Env.slice(1), Config.Labels]).toEqual([['B=5'], { l: 'm' }])
    })

    test('takes from its cache what it made before, unless it shall not', async () => {
      const file = `FROM busybox\nRUN echo ${unique('cache')} > /x\n`
      expect((await built(file)).said).not.toContain('Using cache')
      expect((await built(file)).said).toContain(' ---> Using cache\n')
      expect((await built(file, { nocache: true })).said).not.toContain('Using cache')
    })

    test('is quiet when it is asked to be', async () => {
      const { said } = await built('FROM busybox\nENV Q=1\n', { q: true })
      expect(said).toMatch(/^sha256:[0-9a-f]{64}\n$/)
    })

    test('fails with the status of its step', async () => {
      await expect(build({ Dockerfile: 'FROM busybox\nRUN exit 3\n' })).rejects.toThrow(
        "The command '/bin/sh -c exit 3' returned a non-zero code: 3",
      )
    })

    test.each([
      // A plain error of builder/remotecontext/detect.go, thus 500.
      ['no file', {}, 500, 'Cannot locate specified Dockerfile: Dockerfile'],
      ['an empty file', { Dockerfile: '' }, 400, 'the Dockerfile (Dockerfile) cannot be empty'],
      [
        'an unknown instruction',
        { Dockerfile: 'FROM busybox\nFLY\n' },
        400,
        'dockerfile parse error on line 2: unknown instruction: FLY',
      ],
      ['no FROM', { Dockerfile: 'ENV A=1\n' }, 400, 'no build stage in current context'],
    ])('refuses %s', async (_what, files: Record<string, string>, code, sentence) => {
      const call = bench.docker.buildImage(Readable.from([archive(files)]) as NodeJS.ReadableStream, {})
      const [status, said] = await refusal(call)
      expect(status).toBe(code)
      expect(said).toContain(sentence)
    })

    test('takes files by their names in a folder', async () => {
      const stream = await bench.docker
        .buildImage(
          {
            context: new URL('../../fixtures/build/words', import.meta.url).pathname,
            src: ['test/test_count.py'],
          },
          {},
        )
        .catch((error: { statusCode: number; message: string }) => error.message)
      // The library packs what it is told, and there is no Dockerfile in it.
      expect(stream).toContain('Cannot locate specified Dockerfile: Dockerfile')
    })
  })

  describe('dockerode’s run', () => {
    test('creates, attaches, starts and waits', async () => {
      const output = new PassThrough()
      let said = ''
      output.on('data', (bytes: Buffer) => (said += bytes.toString()))
      const [{ StatusCode }, container] = (await bench.docker.run(
        'busybox',
        ['sh', '-c', 'echo hi; exit 2'],
        output,
        {
          Tty: false,
        },
      )) as [{ StatusCode: number }, { remove(): Promise<unknown> }]
      bench.undo(() => container.remove())
      expect([StatusCode, said.slice(8)]).toEqual([2, 'hi\n'])
    })
  })
}
