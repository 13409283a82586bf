import { describe, expect, test } from 'vitest'
import type { EngineRequest } from '../../../../protocol/api/engine-transport.ts'
import type { JsonProgress } from '../../../../protocol/api/engine-api.ts'
import { runDocker } from '../../dispatch.ts'
import { noSocket } from '../../../testing/cli/canned-transport.ts'
import { memoryCliFiles } from '../../../testing/cli/memory-cli-files.ts'
import { MemorySession } from '../../../testing/cli/memory-session.ts'

const ID = `sha256:${'a'.repeat(64)}`

interface Call {
  argv: string
  files?: Record<string, string>
  typed?: string[]
  lines?: JsonProgress[]
  env?: Record<string, string>
  terminal?: boolean
}

/** Runs `docker …` against an engine that takes what it is sent and answers with these lines. */
async function docker({ argv, files = {}, typed = [], lines = [], env = {}, terminal = false }: Call) {
  const requests: EngineRequest[] = []
  let sent = ''
  const session = new MemorySession({ argv: argv.split(' '), cwd: '/work', typed, env, terminal })
  const held = memoryCliFiles(files)
  const transport = {
    async request(request: EngineRequest) {
      requests.push(request)
      if (request.body && 'bytes' in request.body)
        for await (const chunk of request.body.bytes) sent += Buffer.from(chunk).toString('latin1')
      async function* body() {
        for (const line of lines) yield new TextEncoder().encode(`${JSON.stringify(line)}\r\n`)
      }
      return { status: 200, headers: {}, body: body() }
    },
    upgrade: () => Promise.reject(new Error('nothing is hijacked')),
  }
  const exitCode = await runDocker(session, { transport, files: held, dial: noSocket, now: () => 1000 })
  return {
    exitCode,
    requests,
    sent,
    stdout: session.stdout.text,
    stderr: session.stderr.text,
    files: held.files,
  }
}

const CONTEXT = { '/work/ctx/Dockerfile': 'FROM a\n', '/work/ctx/a': 'A' }
const DONE: JsonProgress[] = [
  { stream: 'Step 1/1 : FROM a\n' },
  { aux: { ID } },
  { stream: 'Successfully built a\n' },
]

describe('docker build', () => {
  test.each(['build', 'image build', 'builder build'])(
    'as docker %s sends the directory and shows the steps',
    async (name) => {
      const { exitCode, requests, sent, stdout } = await docker({
        argv: `${name} -t x ctx`,
        files: CONTEXT,
        lines: DONE,
      })
      expect(exitCode).toBe(0)
      expect(requests[0]).toMatchObject({ method: 'POST', path: '/build' })
      expect(requests[0]!.query).toMatchObject({
        t: ['x'],
        dockerfile: 'Dockerfile',
        rm: 1,
        networkmode: 'default',
        version: 1,
      })
      expect(sent).toBe('/work/ctx/. without []')
      expect(stdout).toBe(
        'Sending build context to Docker daemon      22B\r\r\nStep 1/1 : FROM a\nSuccessfully built a\n',
      )
    },
  )

  test('sends every option under the name that the API has for it', async () => {
    const { requests } = await docker({
      argv: 'build -t a -t b:1 --build-arg V=1 --build-arg W --build-arg N --label l=x -m 64m --memory-swap -1 -c 2 --cpu-period 1 --cpu-quota 3 --cpuset-cpus 0 --cpuset-mems 0 --cgroup-parent /p --shm-size 1m --ulimit nofile=1:2 --network none --add-host h:1.2.3.4 --no-cache --rm=false --force-rm --pull --target t --platform linux/386 --cache-from a,b ctx',
      files: CONTEXT,
      env: { W: 'caller' },
    })
    const query = Object.fromEntries(
      Object.entries(requests[0]!.query!).filter(([, value]) => value !== undefined),
    )
    expect(query).toEqual({
      ...{
        version: 1,
        t: ['a', 'b:1'],
        rm: 0,
        forcerm: 1,
        nocache: 1,
        pull: 1,
        target: 't',
        platform: 'linux/386',
      },
      ...{
        memory: 64 << 20,
        memswap: -1,
        cpushares: 2,
        cpuperiod: 1,
        cpuquota: 3,
        cpusetcpus: '0',
        cpusetmems: '0',
      },
      ...{
        cgroupparent: '/p',
        shmsize: 1 << 20,
        networkmode: 'none',
        extrahosts: ['h:1.2.3.4'],
        dockerfile: 'Dockerfile',
      },
      buildargs: '{"V":"1","W":"caller","N":null}',
      labels: '{"l":"x"}',
      cachefrom: '["a","b"]',
      ulimits: '[{"Name":"nofile","Soft":1,"Hard":2}]',
    })
  })

  /** Docker's client leaves these out of d/k, d/o and d/e/k. */
  test.each([
    ['d\n!*/k\n', '[d]'],
    ['d\n!d/k\n', '[d/e d/o]'],
    ['d\n!**/k\n', '[d]'],
    ['d\n!d*/k\n', '[d]'],
    ['d/e\n!d/*/k\n', '[d/e]'],
    ['d\n!d\n', '[]'],
  ])('with %j leaves out %s', async (ignore, omitted) => {
    const files = { '/work/ctx/Dockerfile': '', '/work/ctx/.dockerignore': ignore }
    for (const name of ['d/k', 'd/o', 'd/e/k']) Object.assign(files, { [`/work/ctx/${name}`]: '' })
    expect((await docker({ argv: 'build ctx', files })).sent).toBe(`/work/ctx/. without ${omitted}`)
  })

  test.each([
    ['!\n', 'illegal exclusion pattern: "!"'],
    ['[\n', 'syntax error in pattern'],
  ])('with %j is refused', async (ignore, problem) => {
    const files = { ...CONTEXT, '/work/ctx/.dockerignore': ignore }
    const { exitCode, stderr, requests } = await docker({ argv: 'build ctx', files })
    expect([exitCode, stderr, requests]).toEqual([1, `error checking context: ${problem}\n`, []])
  })

  test('leaves out what .dockerignore names, but not what the engine needs', async () => {
    const files = {
      ...CONTEXT,
      '/work/ctx/.dockerignore': '*\n!keep/a\n!src\nsrc/*.o\n',
      '/work/ctx/keep/a': '',
      '/work/ctx/keep/b': '',
      '/work/ctx/src/x.c': '',
      '/work/ctx/src/x.o': '',
      '/work/ctx/out/x/y': '',
    }
    const { sent } = await docker({ argv: 'build ctx', files })
    expect(sent).toBe('/work/ctx/. without [a keep/b out src/x.o]')
  })

  test('-q prints the id alone, and all there was when it fails', async () => {
    const quiet = await docker({ argv: 'build -q ctx', files: CONTEXT, lines: [{ stream: `${ID}\n` }] })
    expect([quiet.stdout, quiet.stderr]).toEqual([`${ID}\n`, ''])
    const failed = await docker({
      argv: 'build -q ctx',
      files: CONTEXT,
      lines: [{ stream: 'Step 1/1\n' }, { errorDetail: { code: 7, message: 'no' }, error: 'no' }],
    })
    expect(failed).toMatchObject({ exitCode: 7, stdout: '' })
    expect(failed.stderr).toMatch(/^Sending build context.*\r\r\nStep 1\/1\nno\n$/)
  })

  test('ends with the code of the command that failed, or 1', async () => {
    const error = (code?: number): JsonProgress[] => [
      { errorDetail: { ...(code && { code }), message: 'why' }, error: 'why' },
    ]
    expect(await docker({ argv: 'build ctx', files: CONTEXT, lines: error(3) })).toMatchObject({
      exitCode: 3,
      stderr: 'why\n',
    })
    expect(await docker({ argv: 'build ctx', files: CONTEXT, lines: error() })).toMatchObject({
      exitCode: 1,
      stderr: 'why\n',
    })
  })

  test('--iidfile gets the id, and is gone when there is none', async () => {
    const files = { ...CONTEXT, '/work/id': 'stale' }
    expect(
      (await docker({ argv: 'build --iidfile id ctx', files: { ...files }, lines: DONE })).files['/work/id'],
    ).toBe(ID)
    const failed = await docker({
      argv: 'build --iidfile id ctx',
      files: { ...files },
      lines: [{ error: 'no', errorDetail: { message: 'no' } }],
    })
    expect(failed.files['/work/id']).toBeUndefined()
  })
})

describe('the Dockerfile', () => {
  test('may have another name, or the small one', async () => {
    const files = { '/work/ctx/dockerfile': '', '/work/ctx/sub/Other': '' }
    expect((await docker({ argv: 'build ctx', files })).requests[0]!.query!['dockerfile']).toBe('dockerfile')
    expect(
      (await docker({ argv: 'build -f ctx/sub/Other ctx', files })).requests[0]!.query!['dockerfile'],
    ).toBe('sub/Other')
  })

  test.each([
    ['from outside the context', 'build -f /elsewhere/D ctx', []],
    ['from stdin', 'build -f - ctx', ['FROM other\n']],
  ])('%s goes ahead of it, ignored by the build', async (_, argv, typed) => {
    const files = { ...CONTEXT, '/elsewhere/D': 'FROM other\n', '/work/ctx/.dockerignore': 'a' }
    const { requests, sent } = await docker({ argv, files, typed })
    const name = requests[0]!.query!['dockerfile'] as string
    expect(name).toMatch(/^\.dockerfile\.[0-9a-f]{20}$/)
    expect(sent.startsWith(`${name}\0`)).toBe(true)
    expect(sent).toContain('FROM other\n\0')
    expect(sent).toContain(`a\n${name}\n\0`)
    expect(sent.endsWith('/work/ctx/. without [a .dockerignore]')).toBe(true)
  })

  test('alone on stdin is a context of its own; an archive on stdin goes as it is', async () => {
    const alone = await docker({ argv: 'build -', typed: ['FROM ', 'a\n'] })
    expect(alone.requests[0]!.query!['dockerfile']).toBe('Dockerfile')
    expect(alone.sent).toContain('FROM a\n\0')
    expect(alone.sent.length).toBe(4 * 512)
    const archive = await docker({
      argv: 'build -f D -',
      typed: [alone.sent.slice(0, 100), alone.sent.slice(100)],
    })
    expect(archive.sent).toBe(alone.sent)
    expect(archive.requests[0]!.query!['dockerfile']).toBe('D')
  })
})

test.each([
  ['build none', 'unable to prepare context: path "none" not found'],
  ['build ctx/a', 'unable to prepare context: context must be a directory: /work/ctx/a'],
  [
    'build -f none ctx',
    'unable to prepare context: unable to evaluate symlinks in Dockerfile path: lstat /work/none: no such file or directory',
  ],
  ['build -f - -', "invalid argument: can't use stdin for both build context and dockerfile"],
  [
    'build -f D -',
    'unable to prepare context from STDIN: ambiguous Dockerfile source: both stdin and flag correspond to Dockerfiles',
  ],
  [
    'build git@host:x',
    `unable to prepare context: unable to find 'git': exec: "git": executable file not found in $PATH`,
  ],
  [
    'build',
    `"docker build" requires exactly 1 argument.\nSee 'docker build --help'.\n\nUsage:  docker build [OPTIONS] PATH | URL | -\n\nBuild an image from a Dockerfile`,
  ],
])('docker %s: %s', async (argv, message) => {
  const { exitCode, stderr } = await docker({ argv, files: CONTEXT, typed: ['FROM a'] })
  expect(stderr.trimEnd()).toBe(message)
  expect(exitCode).not.toBe(0)
})

test('a URL is fetched by the engine', async () => {
  const { requests } = await docker({ argv: 'build http://web/x.tar' })
  expect(requests[0]).toMatchObject({ query: { remote: 'http://web/x.tar' } })
  expect(requests[0]!.body).toBeUndefined()
})

test('docker builder prune asks, and tells what it freed', async () => {
  const answer = [{ CachesDeleted: null, SpaceReclaimed: 0 } as unknown as JsonProgress]
  const pruned = await docker({ argv: 'builder prune -f', lines: answer })
  expect(pruned.stdout).toBe('Total reclaimed space: 0B\n')
  const refused = await docker({ argv: 'builder prune', typed: ['n\n'], lines: answer })
  expect(refused.requests).toEqual([])
})
