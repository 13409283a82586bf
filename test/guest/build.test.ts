/**
 * Builds in the guest, with its own `docker` and with Debian's unmodified client from the host: layers, cache, volumes,
 * triggers, and what is left of builds that fail, are cancelled or lose their engine.
 */
import { execFile, execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ImageInspect } from '../../guest/protocol/api/engine-api.ts'
import { debianPrograms } from '../../scripts/lib/debian/debian-programs.ts'
import { HeadlessMachine } from '../../scripts/lib/machine/headless-machine.ts'
import { ensureTools } from '../../scripts/lib/debian/host-tools.ts'
import { serveEngineSocket } from '../../scripts/lib/machine/serve-engine-socket.ts'
import { makeTar } from '../support/make-tar.ts'

const WORDS = join(import.meta.dirname, '../fixtures/build/words')

let machine: HeadlessMachine
let socket: Awaited<ReturnType<typeof serveEngineSocket>>
let scratch: string
let client: string

beforeAll(async () => {
  client = join(await debianPrograms(['docker-cli'], { docker: 'usr/bin/docker' }), 'bin/docker')
  scratch = await mkdtemp(join(tmpdir(), 'build-guest-'))
  machine = await HeadlessMachine.start()
  socket = await serveEngineSocket(machine, join(scratch, 'engine.sock'))
}, 900_000)

afterAll(async () => {
  await socket.close()
  await machine.close()
  await rm(scratch, { recursive: true })
})

const guest = (command: string): Promise<string> => machine.output(command)

/** Debian's client on the host. */
function host(...args: string[]): Promise<string> {
  const env = {
    HOME: scratch,
    PATH: process.env.PATH,
    DOCKER_HOST: `unix://${socket.path}`,
    DOCKER_BUILDKIT: '0',
  }
  return new Promise((resolve, reject) =>
    execFile(client, args, { env }, (error, stdout, stderr) =>
      error ? reject(new Error(`docker ${args.join(' ')}: ${stdout}${stderr}`)) : resolve(stdout.trim()),
    ),
  )
}

type Files = Record<string, string | Uint8Array>

/** The same files in the guest and on the host. @returns both paths */
async function context(name: string, files: Files): Promise<{ inGuest: string; onHost: string }> {
  const [inGuest, onHost] = [`/root/${name}`, join(scratch, name)]
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(onHost, path)), { recursive: true })
    await writeFile(join(onHost, path), content, { mode: 0o644 })
    const encoded = Buffer.from(content).toString('base64')
    await guest(
      `mkdir -p ${dirname(`${inGuest}/${path}`)} && echo '${encoded}' | base64 -d > ${inGuest}/${path}`,
    )
  }
  return { inGuest, onHost }
}

/** Built in the guest. @returns what was said */
const build = async (name: string, files: Files, options = ''): Promise<string> =>
  guest(`docker build -t ${name} ${options} ${(await context(name, files)).inGuest}`)

const hits = (output: string) => output.split(' ---> Using cache').length - 1

const inspect = async (name: string) =>
  (JSON.parse(await guest(`docker image inspect ${name}`)) as ImageInspect[])[0]!

async function wordsFiles(): Promise<Record<string, string>> {
  const names = (await readdir(WORDS, { recursive: true, withFileTypes: true })).filter((entry) =>
    entry.isFile(),
  )
  const paths = names.map((entry) => join(entry.parentPath, entry.name).slice(WORDS.length + 1))
  return Object.fromEntries(
    await Promise.all(paths.map(async (path) => [path, await readFile(join(WORDS, path), 'utf8')])),
  )
}

describe('a program that is tested, packed and shipped', () => {
  test('is built in stages, and runs', async () => {
    const output = await build('words', await wordsFiles(), '--build-arg VERSION=1.2')
    expect(output).toContain('Step 1/')
    expect(output).toMatch(/Successfully built [0-9a-f]{12}\nSuccessfully tagged words:latest$/)
    expect(await guest(`echo 'the cat and the dog and the end' | docker run -i --rm words -n 2`)).toBe(
      '3 the\n2 and',
    )
    expect(await guest('docker run --rm words --version')).toBe('1.2')
    expect(await guest('docker run --rm --entrypoint cat words /usr/share/words/report')).toContain('OK')
  })

  test('ships nothing of the stages but what was copied', async () => {
    const [words, python] = [await inspect('words'), await inspect('python')]
    expect(words.RootFS.Layers!.slice(0, -2)).toEqual(python.RootFS.Layers)
    expect(words.Config).toMatchObject({ User: 'nobody', Entrypoint: ['words'], Cmd: ['--help'] })
    expect(await guest('docker run --rm --entrypoint ls words / ')).not.toContain('src')
    const owner = await guest('docker run --rm --entrypoint stat words -c %U:%G:%a /usr/local/bin/words')
    expect(owner).toBe('nobody:nogroup:755')
  })

  test('is the same build for the unmodified client: every step comes from the cache', async () => {
    const { onHost } = await context('words', await wordsFiles())
    const output = await host('build', '-t', 'words:host', '--build-arg', 'VERSION=1.2', onHost)
    const steps = /Step \d+\/(\d+)/.exec(output)![1]
    // FROM and the global ARG are no steps to keep.
    expect(hits(output)).toBe(Number(steps) - 5)
    expect((await inspect('words:host')).Id).toBe((await inspect('words')).Id)
  })

  test('a test that fails fails the build, with its code and what it said', async () => {
    const files = await wordsFiles()
    const broken = { ...files, 'words/count.py': files['words/count.py']!.replace('.lower()', '') }
    const { inGuest } = await context('broken', broken)
    const { code, stderr } = await machine.exec(`docker build --force-rm --target test ${inGuest}`)
    expect(code).toBe(1)
    expect(stderr).toMatch(/^The command '\/bin\/sh -c python -m unittest .*' returned a non-zero code: 1\n$/)
  })
})

describe('layers', () => {
  test('carry deletions and replaced directories into what is built on them', async () => {
    const dockerfile = `FROM busybox
RUN mkdir -p /tree/sub && echo old > /tree/sub/file && echo kept > /kept && ln -s sub /tree/link
RUN rm /bin/tac && rm -r /tree/sub && mkdir /tree/sub && echo new > /tree/sub/other
COPY link-target /tree/link/copied
RUN test ! -e /bin/tac && test ! -e /tree/sub/file && chmod 4711 /kept
`
    await build('layers', { Dockerfile: dockerfile, 'link-target': 'through' })
    const seen = await guest(
      `docker run --rm layers sh -c 'ls /bin/tac; find /tree | sort; cat /tree/sub/copied; stat -c %a /kept' 2>&1 || true`,
    )
    expect(seen.split('\n')).toEqual([
      'ls: /bin/tac: No such file or directory',
      ...['/tree', '/tree/link', '/tree/sub', '/tree/sub/copied', '/tree/sub/other', 'through4711'],
    ])
  })

  test('of links that lead out of the image end in the image', async () => {
    const dockerfile = `FROM busybox
RUN ln -s /root/outside /out && ln -s ../../../../root/outside /up
COPY a /out/
COPY a /up/b
`
    await build('escape', { Dockerfile: dockerfile, a: 'inside' })
    expect(await guest('ls -d /root/outside 2>&1 || true')).toContain('No such file')
    expect(await guest('docker run --rm escape find /root/outside -type f | sort')).toBe(
      '/root/outside/a\n/root/outside/b',
    )
  })

  test('leave out what a step writes to a volume; a container of the image begins with what was there', async () => {
    const dockerfile =
      'FROM busybox\nRUN mkdir /data && echo first > /data/file\nVOLUME /data\nRUN echo second > /data/file\n'
    await build('volume', { Dockerfile: dockerfile })
    expect(await guest('docker run --rm volume cat /data/file')).toBe('first')
    expect(await guest('docker volume ls -q')).toBe('')
  })
})

describe('instructions', () => {
  test('that a base left for later run first, and once', async () => {
    await build('base', {
      Dockerfile:
        'FROM busybox\nONBUILD COPY name /name\nONBUILD RUN echo "hello $(cat /name)" > /greeting\n',
    })
    const output = await build('derived', {
      Dockerfile: 'FROM base\nCMD ["cat", "/greeting"]\n',
      name: 'guest',
    })
    expect(output).toContain('# Executing 2 build triggers')
    expect(await guest('docker run --rm derived')).toBe('hello guest')
    expect((await inspect('derived')).Config.OnBuild ?? null).toBeNull()
  })

  test('of here-documents make files and run scripts', async () => {
    const dockerfile = `FROM busybox
ENV NAME=world
COPY <<hello <<"raw" /docs/
hello $NAME
hello
$NAME
raw
RUN <<EOF
set -e
cat /docs/hello /docs/raw > /both
EOF
RUN <<EOF
#!/bin/sh
basename "$0" >> /both
EOF
`
    await build('heredocs', { Dockerfile: dockerfile })
    expect(await guest('docker run --rm heredocs cat /both')).toBe('hello world\n$NAME\nEOF')
  })

  test('of RUN keep to the limits that were asked for, and have the hosts that were named', async () => {
    const dockerfile =
      'FROM busybox\nRUN cat /sys/fs/cgroup/memory.max; grep named /etc/hosts; ls /sys/class/net\n'
    const output = await build(
      'limits',
      { Dockerfile: dockerfile },
      '--memory 32m --add-host named:10.1.2.3 --network none --no-cache',
    )
    expect(output).toContain('33554432\n10.1.2.3\tnamed\nlo\n')
  })

  test('ADD fetches from a container and takes archives apart', async () => {
    await guest(
      `docker run -d --name web busybox sh -c 'mkdir /w; echo fetched > /w/page; tar -C /w -czf /w/a.tgz page; httpd -f -h /w'`,
    )
    const address = await guest(`docker inspect -f '{{.NetworkSettings.IPAddress}}' web`)
    await guest(`docker cp web:/w/a.tgz /root/add.tgz && mkdir -p /root/add && cp /root/add.tgz /root/add/`)
    const dockerfile = `FROM busybox\nADD http://${address}/page /fetched/\nADD add.tgz /unpacked\n`
    await build('add', { Dockerfile: dockerfile })
    expect(await guest('docker run --rm add cat /fetched/page /unpacked/page')).toBe('fetched\nfetched')
    await guest('docker rm -f web')
  })

  test.each(['bzip2', 'xz'] as const)(
    'ADD takes archives of %s apart, and leaves other files so',
    async (how) => {
      await ensureTools(how)
      const packed = (bytes: Uint8Array) => execFileSync(how, ['-c'], { input: bytes })
      await build(how, {
        Dockerfile: 'FROM busybox\nADD archive text /added/\n',
        archive: packed(makeTar([{ name: 'page', content: `of ${how}` }])),
        text: packed(Buffer.from('text')),
      })
      const seen = await guest(
        `docker run --rm ${how} sh -c 'ls /added; cat /added/page; ${how} -dc </added/text'`,
      )
      expect(seen).toBe(`page\ntext\nof ${how}text`)
    },
  )
})

describe('the cache', () => {
  const DOCKERFILE = 'FROM busybox\nCOPY a /a\nCOPY b /b\nRUN cat /a /b > /c\n'
  const files = (a: string, b: string) => ({ Dockerfile: DOCKERFILE, a, b })

  test('holds for the same files whatever their times, and from the first that changed on no more', async () => {
    await build('cached', files('1', '1'))
    expect(hits(await build('cached', files('1', '1')))).toBe(3)
    expect(hits(await build('cached', files('1', '2')))).toBe(1)
    expect(hits(await build('cached', files('2', '2')))).toBe(0)
    expect(await guest('docker run --rm cached cat /c')).toBe('22')
    expect(hits(await build('cached', files('2', '2'), '--no-cache'))).toBe(0)
  })

  test('goes with the images that it is made of', async () => {
    await build('gone', { Dockerfile: 'FROM busybox\nENV GONE=1\nENV GONE=2\n' })
    await guest('docker rmi gone')
    expect(hits(await build('gone', { Dockerfile: 'FROM busybox\nENV GONE=1\nENV GONE=2\n' }))).toBe(0)
  })
})

/** What a build has no business to leave. */
const leftovers = () =>
  guest(
    `docker ps -aq; ls /var/lib/docker/tmp; ls /var/lib/docker/overlay2; grep -c docker-builder /proc/self/mountinfo || true`,
  )

describe('nothing is left', () => {
  beforeAll(() => guest('docker ps -aq | xargs -r docker rm -f'))

  const waiting = (name: string) =>
    context(name, { Dockerfile: `FROM busybox\nRUN echo waiting && sleep 1000000\n` })

  const running = () =>
    expect.poll(() => guest('docker ps -q'), { interval: 1000, timeout: 200_000 }).toMatch(/^[0-9a-f]{12}$/)

  test('of a build whose client goes away', async () => {
    const { inGuest } = await waiting('cancelled')
    const left = machine.exec(
      `docker build ${inGuest} & pid=$!; until [ "$(docker ps -q)" ]; do :; done; kill -TERM $pid; wait $pid`,
    )
    expect((await left).code).toBe(143)
    await expect.poll(leftovers, { interval: 1000, timeout: 200_000 }).toBe('0')
  })

  test('of a build whose engine is killed', async () => {
    const { inGuest } = await waiting('killed')
    const lost = machine.exec(`docker build ${inGuest}`).catch((error: unknown) => error)
    await running()
    const engine = (await guest('pidof node')).split(' ')[0]!
    // The command's own stream goes through the engine: it is lost with it.
    await expect(machine.exec(`kill -9 ${engine}`)).rejects.toMatchObject({ code: 'unavailable' })
    await lost
    await expect
      .poll(() => leftovers().catch(() => 'no engine'), { interval: 1000, timeout: 200_000 })
      .toBe('0')
    expect(await build('after', { Dockerfile: 'FROM busybox\nRUN true\n' })).toContain(
      'Successfully tagged after:latest',
    )
  })

  test('of builds that went well, but their images', async () => {
    // The last container's lease of its layers, and its sign, stay for the next container of the same layers.
    await expect.poll(leftovers, { interval: 1000, timeout: 60_000 }).toBe('0')
  })
})
