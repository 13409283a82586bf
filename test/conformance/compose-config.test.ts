/** `docker compose config` against Debian's docker-compose v2, over a corpus of compose files: equal output and exit codes. */
import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { runDocker } from '../../guest/runtime/cli/dispatch.ts'
import { CannedTransport, noSocket } from '../../guest/runtime/testing/cli/canned-transport.ts'
import { MemorySession } from '../../guest/runtime/testing/cli/memory-session.ts'
import { nodeCliFiles } from '../../guest/runtime/host/files/cli-files.ts'
import { FakeLauncherClient } from '../../guest/runtime/testing/launcher-fake.ts'
import { dockerCompose } from '../../scripts/lib/debian/docker-compose.ts'

const FIXTURES = join(import.meta.dirname, '../fixtures/compose')
const ENVIRONMENT = { HOME: '/root', PATH: '/usr/bin:/bin', SECRET: 'hidden' }

interface Answer {
  code: number
  stdout: string
  stderr: string
}

let oracle: string
let scratch: string

beforeAll(async () => {
  oracle = await dockerCompose()
  scratch = await mkdtemp(join(tmpdir(), 'compose-'))
})

afterAll(() => rm(scratch, { recursive: true, force: true }))

/** Warnings carry the time of day. */
const timeless = (text: string): string => text.replace(/^time="[^"]*" /gm, '')

function theirs(cwd: string, args: string[]): Promise<Answer> {
  return new Promise((resolve, reject) => {
    execFile(oracle, args, { cwd, env: ENVIRONMENT }, (error, stdout, stderr) => {
      const code = error === null ? 0 : error.code
      if (typeof code !== 'number') reject(error!)
      else resolve({ code, stdout, stderr: timeless(stderr) })
    })
  })
}

async function ours(cwd: string, args: string[]): Promise<Answer> {
  const session = new MemorySession({ argv: ['compose', ...args], cwd, env: ENVIRONMENT })
  const transport = new CannedTransport(() => 0)
  const files = nodeCliFiles(new FakeLauncherClient())
  const code = await runDocker(session, { transport, files, dial: noSocket, now: Date.now })
  return { code, stdout: session.stdout.text, stderr: timeless(session.stderr.text) }
}

async function expectEqual(cwd: string, args: string[]): Promise<void> {
  expect(await ours(cwd, args), args.join(' ')).toEqual(await theirs(cwd, args))
}

const FORMS = [['config'], ['config', '--format', 'json'], ['config', '--hash', '*']]

describe('a project of several files', async () => {
  const projects = (await readdir(FIXTURES, { withFileTypes: true })).filter((entry) => entry.isDirectory())
  const forms = [
    ...FORMS,
    ['config', '--no-interpolate'],
    ['config', '--no-path-resolution'],
    ['config', '--profiles'],
    ['--profile', '*', 'config'],
    ['-p', 'named', 'config', '--no-consistency'],
  ]
  test.each(projects.map(({ name }) => name))('%s is understood alike', async (name) => {
    for (const form of forms) await expectEqual(join(FIXTURES, name), form)
    // The original prints these in the order of a Go map: none.
    for (const form of ['--services', '--images', '--volumes']) {
      const [mine, other] = [
        await ours(join(FIXTURES, name), ['config', form]),
        await theirs(join(FIXTURES, name), ['config', form]),
      ]
      expect(mine.stdout.split('\n').sort(), form).toEqual(other.stdout.split('\n').sort())
    }
  })
})

describe('a service', async () => {
  const text = await readFile(join(FIXTURES, 'services.txt'), 'utf8')
  const bodies = text.split('\n').filter((line) => line !== '' && !line.startsWith('# '))
  const [plain, ...others] = FORMS as [string[], ...string[][]]

  /** A project with a service of each body, and its folder. */
  async function project(name: string, services: readonly (readonly [name: string, body: string])[]) {
    const folder = join(scratch, name)
    await mkdir(folder, { recursive: true })
    const texts = services.map(([service, body]) => `  ${service}:\n    image: x\n    ${body}\n`)
    await writeFile(join(folder, 'compose.yaml'), `services:\n${texts.join('')}`)
    return folder
  }

  const isUnderstood = async (folder: string) => (await ours(folder, plain)).code === 0

  test.each(bodies)('with %s is understood, or refused, alike', async (body) => {
    const folder = await project('project', [['web', body]])
    await expectEqual(folder, plain)
    if (!(await isUnderstood(folder))) for (const form of others) await expectEqual(folder, form)
  })

  // Each run of the original takes a fifth of a second, so they share it.
  test('each that is understood has the same JSON and the same hash', async () => {
    const understood: [string, string][] = []
    for (const [index, body] of bodies.entries()) {
      const name = `web${index}`
      if (await isUnderstood(await project('project', [['web', body]]))) understood.push([name, body])
    }
    expect(understood.length).toBeGreaterThan(50)
    const folder = await project('understood', understood)
    for (const form of FORMS) {
      // Of several services the original warns in the order of a Go map: none.
      const [{ code, stdout }, their] = [await ours(folder, form), await theirs(folder, form)]
      expect([code, their.code]).toEqual([0, 0])
      expect(stdout, form.join(' ')).toBe(their.stdout)
    }
  })
})

/** Whole files: volumes whose device is a path of the host, and tabs, which go-yaml refuses in several ways. */
describe('a file', () => {
  const device = (text: string): string =>
    `services: {s: {image: b, volumes: ["v:/d"]}}\nvolumes: {v: {driver: local, driver_opts: {type: none, o: bind, device: ${text}}}}\n`
  test.each([
    ...['""', './x', 'x/../y', '~/q', '/abs/', 'null', '1'].map(device),
    'services:\n\ts: {image: busybox}\n',
    'services:\n  s:\n\t  image: busybox\n',
    '\tservices: {}\n',
    '# a comment\n\tservices: {}\n',
    'services:\n  s:\n    image: busybox\n\tcommand: x\n',
    'services:\n  s:\n    image: "busybox"\n\tcommand: x\n',
    'services:\n  s:\n    image: busybox\n    command:\n\t- x\n',
    'services:\n  s:\n    image:\tbusybox\n',
  ])('%j is understood, or refused, alike', async (content) => {
    const folder = join(scratch, 'file')
    await mkdir(folder, { recursive: true })
    await writeFile(join(folder, 'compose.yaml'), content)
    for (const form of FORMS) await expectEqual(folder, form)
  })
})

describe('the command line', () => {
  const cases: [string, string[]][] = [
    ['no file', ['config']],
    ['a missing file', ['-f', 'nope.yaml', 'config']],
    ['an unknown command', ['frobnicate']],
    ['an unknown flag', ['config', '--frobnicate']],
    ['a bad project name', ['-p', 'Bad', 'config']],
    ['a missing env file', ['--env-file', 'nope', 'config']],
    ['contradicting modes', ['--ansi', 'never', '--progress', 'tty', 'config']],
  ]
  test.each(cases)('with %s is refused alike', async (_what, args) => {
    const folder = join(scratch, 'empty')
    await mkdir(folder, { recursive: true })
    const [our, their] = [await ours(folder, args), await theirs(folder, args)]
    expect([our.code, our.stderr]).toEqual([their.code, their.stderr])
  })
})
