/** Binds of what lies below a directory, and of layers merged for it. */
import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { compilePlan } from '../../runtime/oci/compile-plan.ts'
import type { OciMount } from '../../runtime/oci/spec.ts'
import { openTestBed, type TestBed } from '../testing/test-bed.ts'
import { finish, TestContainers, type Setup } from '../testing/test-containers.ts'

const EXDEV = 18
const ENOENT = 2
const ENOTDIR = 20

let bed: TestBed
let containers: TestContainers
let directory: string
let count = 0
beforeAll(async () => {
  bed = await openTestBed()
  containers = new TestContainers(bed)
}, 300_000)
afterAll(() => bed?.close())
beforeEach(async () => {
  directory = join(bed.dir, `binds-${count++}`)
  await mkdir(directory)
})

function containerWith(script: string, mount: Omit<OciMount, 'destination' | 'type'>): Setup {
  const setup = containers.setUp(['sh', '-c', script])
  setup.spec.mounts!.push({ destination: '/mounted', type: 'bind', options: ['rbind', 'rprivate'], ...mount })
  return setup
}

const run = async (script: string, mount: Omit<OciMount, 'destination' | 'type'>) =>
  finish(await containers.launch(containerWith(script, mount)))

const failure = ({ spec, options }: Setup) => containers.failure(compilePlan(spec, options))

/** As moby's integration/volume/mount_test.go has it. */
async function fillVolume(): Promise<void> {
  for (const name of ['subdir', 'hack']) await mkdir(join(directory, name))
  await writeFile(join(directory, 'bar.txt'), 'foo\n')
  await writeFile(join(directory, 'subdir/hello.txt'), 'world\n')
  await symlink('/', join(directory, 'hack/root'))
  await symlink('../subdir', join(directory, 'hack/good'))
  await symlink('root', join(directory, 'hack/bad'))
  await symlink('../../../etc', join(directory, 'hack/up'))
}

describe('a path below a directory', () => {
  beforeEach(fillVolume)

  test.each([
    ['subdir', 'cat /mounted/hello.txt', 'world\n'],
    ['hack/good', 'cat /mounted/hello.txt', 'world\n'],
    ['hack/../subdir', 'cat /mounted/hello.txt', 'world\n'],
    ['bar.txt', 'cat /mounted', 'foo\n'],
    ['.', 'cat /mounted/bar.txt', 'foo\n'],
  ])('%s is mounted', async (subpath, script, stdout) => {
    expect(await run(script, { source: directory, subpath })).toMatchObject({ stdout, exitCode: 0 })
  })

  test('is written to', async () => {
    await run('echo new > /mounted/file', { source: directory, subpath: 'subdir' })
    expect(await readFile(join(directory, 'subdir/file'), 'utf8')).toBe('new\n')
  })

  test.each([
    ['hack/root', EXDEV],
    ['hack/root/etc', EXDEV],
    ['hack/bad', EXDEV],
    ['hack/up', EXDEV],
    ['../binds-0', EXDEV],
    ['nothing', ENOENT],
    ['bar.txt/x', ENOTDIR],
  ])('%s ends the start', async (subpath, errno) => {
    const setup = containerWith('true', { source: directory, subpath })
    expect(await failure(setup)).toMatchObject({ role: 'init', op: 'bind', errno })
  })
})

describe('layers', () => {
  let layers: string[]
  beforeEach(async () => {
    layers = ['top', 'base'].map((name) => join(directory, name))
    await mkdir(join(directory, 'top/a'), { recursive: true })
    await mkdir(join(directory, 'base/a'), { recursive: true })
    await writeFile(join(directory, 'top/a/file'), 'top\n')
    await writeFile(join(directory, 'base/a/file'), 'base\n')
    await writeFile(join(directory, 'base/a/other'), 'other\n')
    await symlink('/etc', join(directory, 'top/out'))
  })
  const READ_ONLY = { options: ['rbind', 'ro', 'rro', 'rprivate'] }
  const merged = () => join(directory, 'merged/here')

  test('are mounted as one that nobody can write to', async () => {
    const script =
      'cat /mounted/a/file /mounted/a/other; echo x > /mounted/a/file; grep -c merged /proc/self/mountinfo'
    const mount = { source: merged(), layers, ...READ_ONLY }
    const { stdout, stderr } = await run(script, mount)
    expect(stdout).toBe('top\nother\n0\n')
    expect(stderr).toContain('Read-only file system')
    expect(await readFile('/proc/self/mountinfo', 'utf8')).not.toContain(directory)
  })

  test('are mounted in part', async () => {
    const mount = { source: merged(), layers, subpath: 'a/other', ...READ_ONLY }
    expect((await run('cat /mounted', mount)).stdout).toBe('other\n')
    const out = containerWith('true', { ...mount, subpath: 'out' })
    expect(await failure(out)).toMatchObject({ op: 'bind', errno: EXDEV })
  })

  test('of one are mounted as they are', async () => {
    const mount = { source: merged(), layers: layers.slice(1), ...READ_ONLY }
    expect((await run('cat /mounted/a/file; touch /mounted/x || echo refused', mount)).stdout).toBe(
      'base\nrefused\n',
    )
  })
})
