import { describe, expect, test } from 'vitest'
import { EngineError, HTTP_STATUS } from '../../../protocol/errors.ts'
import { ERRNO, type ErrnoName } from '../../plan/errno.ts'
import { PACK } from '../../plan/pack-flags.ts'
import type { Container } from '../state/container.ts'
import type { EngineContext } from '../state/context.ts'
import { startContainer } from '../container/start-container.ts'
import { testEngine } from '../../testing/test-engine.ts'
import {
  absolutePath,
  exportContainer,
  extractToContainer,
  readContainerArchive,
  statContainerPath,
} from './container-archive.ts'
import { goFileMode } from './path-stat.ts'

const EXTRACT = { path: '/tmp', noOverwriteDirNonDir: false, copyUIDGID: false }

async function* nothing(): AsyncGenerator<Uint8Array> {
  yield new Uint8Array(1024)
}

const ops = (steps: readonly { op: string }[]): string[] => steps.map(({ op }) => op)

async function scene(request: Parameters<ReturnType<typeof testEngine>['create']>[0] = {}) {
  const engine = testEngine()
  const container = await engine.create(request, 'web')
  const lastPlan = () => engine.machine.hostPlans.at(-1)!.steps
  return { engine, container, lastPlan }
}

describe('the view of a container', () => {
  test('of a stopped one is its overlay in a namespace of the plan’s own, volumes on it', async () => {
    const { engine, container, lastPlan } = await scene({ HostConfig: { Binds: ['/srv:/data:ro'] } })
    await extractToContainer(engine.context, container, EXTRACT, nothing())
    expect(ops(lastPlan())).toEqual([
      ...['unshare', 'mount-setattr', 'mkdir', 'mount-fs', 'open', 'bind', 'tar-unpack'],
    ])
    expect(lastPlan()[5]).toMatchObject({ source: '/srv', target: '/data', set: 1n, recursiveSet: 1n })
  })

  test('of a running one is its own mount, cloned: an overlay is never mounted twice', async () => {
    const { engine, container, lastPlan } = await scene()
    await startContainer(engine.context, container)
    await extractToContainer(engine.context, container, EXTRACT, nothing())
    const used = ops(lastPlan())
    expect(used).not.toContain('mount-fs')
    expect(used.slice(4, 9)).toEqual(['open-process', 'setns-slot', 'open-tree', 'setns-slot', 'attach-tree'])
    expect(lastPlan()[4]).toMatchObject({ pid: container.record.state.pid })
  })

  test('lets the container go when its answer cannot be read', async () => {
    const { engine, container } = await scene()
    engine.machine.answerStream = () => Buffer.from('a tar whose description the launcher left out')
    const reading = readContainerArchive(engine.context, container, '/etc')
    await expect(reading).rejects.toThrow('the launcher did not describe /etc')
    await startContainer(engine.context, container)
  })

  test('is without volumes for an export', async () => {
    const { engine, container, lastPlan } = await scene({ HostConfig: { Binds: ['/srv:/data:ro'] } })
    for await (const _ of await exportContainer(engine.context, container));
    expect(ops(lastPlan())).toEqual(['unshare', 'mount-setattr', 'mkdir', 'mount-fs', 'open', 'tar-pack'])
  })

  test('of one with a read-only root is read-only', async () => {
    const { engine, container, lastPlan } = await scene({ HostConfig: { ReadonlyRootfs: true } })
    await extractToContainer(engine.context, container, EXTRACT, nothing())
    expect(lastPlan().at(-2)).toMatchObject({ op: 'mount-setattr', path: '', set: 1n })
  })
})

test('a stopped container does not start while its files are read', async () => {
  const { engine, container } = await scene()
  engine.machine.answerStream = () => new Uint8Array([1, 2, 3])
  const bytes = await exportContainer(engine.context, container)
  const started = startContainer(engine.context, container)
  await new Promise((resolve) => setImmediate(resolve))
  expect(engine.machine.launchPlans).toHaveLength(0)
  for await (const _ of bytes);
  await started
  expect(engine.machine.launchPlans).toHaveLength(1)
})

test('with -a all belongs to the container’s user, who is looked up in its files', async () => {
  const { engine, container, lastPlan } = await scene({ User: 'www' })
  await extractToContainer(engine.context, container, { ...EXTRACT, copyUIDGID: true }, nothing())
  expect(lastPlan().slice(-2)).toMatchObject([
    { op: 'resolve-user', user: 'www' },
    { op: 'tar-unpack', flags: 8 },
  ])
})

type Act = (context: EngineContext, container: Container) => Promise<unknown>

async function refusal(act: Act, op: string, errno: ErrnoName, path?: string): Promise<string> {
  const { engine, container } = await scene({ HostConfig: { Binds: ['/srv:/data:ro'] } })
  const details = { op, errno: ERRNO[errno][0], ...(path !== undefined && { path }) }
  engine.machine.failNext(new EngineError('internal', 'raw', details))
  const refused = await act(engine.context, container).then(
    () => expect.fail('was allowed'),
    (error: unknown) => EngineError.from(error),
  )
  return `${HTTP_STATUS[refused.code]} ${refused.message}`
}

test.each<[ErrnoName, string | undefined, string, string]>([
  ['ENOENT', undefined, '/none', '404 Could not find the file /none in container web'],
  ['ENOTDIR', undefined, '/f', '400 extraction point is not a directory'],
  ['EROFS', 'f', '/tmp', '400 container rootfs is marked read-only'],
  ['EROFS', 'f', '/data', '400 mounted volume is marked read-only'],
  ['EISDIR', 'd', '/tmp', '500 cannot overwrite directory "/tmp/d" with non-directory "/tmp"'],
  ['EEXIST', 'f', '/tmp', '500 cannot overwrite non-directory "/tmp/f" with directory "/tmp"'],
  ['EXDEV', '../x', '/tmp', '500 "../x" is outside of "/tmp"'],
  ['EBADMSG', undefined, '/tmp', '500 archive/tar: invalid tar header'],
  ['ENODATA', undefined, '/tmp', '500 unexpected EOF'],
  ['ENOSPC', 'big', '/tmp', '500 /tmp/big: no space left on device'],
])('%s of member %s in %s is told as: %s', async (errno, member, path, said) => {
  const act: Act = (context, container) =>
    extractToContainer(context, container, { ...EXTRACT, path }, nothing())
  expect(await refusal(act, 'tar-unpack', errno, member)).toBe(said)
})

test('a path that cannot be described is a 404, or what the kernel said', async () => {
  const stat: Act = (context, container) => statContainerPath(context, container, '/a/b')
  expect(await refusal(stat, 'path-stat', 'ENOENT')).toBe('404 Could not find the file /a/b in container web')
  expect(await refusal(stat, 'path-stat', 'ENOTDIR')).toBe('500 lstat /a/b: not a directory')
})

test.each([
  ['etc', '/etc'],
  ['/a/../../b', '/b'],
  ['/dir/', '/dir/'],
  ['/dir/.', '/dir/.'],
  ['/dir/./', '/dir/.'],
  ['.', '/.'],
  ['/.', '/.'],
  ['./', '/.'],
  ['/', '/'],
])('the path %s is %s in the container', (path, absolute) => {
  expect(absolutePath(path)).toBe(absolute)
})

/** The launcher's answer to `path-stat` of a directory. */
function directoryStat(): Uint8Array {
  const stat = new Uint8Array(24)
  new DataView(stat.buffer).setUint32(0, 0o040755, true)
  return stat
}

test.each([
  ['/', '/'],
  ['.', '.'],
  ['./', '.'],
  ['/.', '.'],
  ['/srv/www', 'www'],
  ['srv/www/', 'www'],
  ['srv/www/.', '.'],
])('the archive of %s names its members from %s', async (path, name) => {
  const { engine, container, lastPlan } = await scene()
  engine.machine.answerStep = ({ op }) => (op === 'path-stat' ? directoryStat() : undefined)
  const { bytes } = await readContainerArchive(engine.context, container, path)
  for await (const _ of bytes);
  expect(lastPlan().at(-1)).toMatchObject({ op: 'tar-pack', name, flags: PACK.top })
})

test.each([
  [0o100644, 0o644],
  [0o104755, 2 ** 23 + 0o755],
  [0o040755, 2 ** 31 + 0o755],
  [0o041777, 2 ** 31 + 2 ** 20 + 0o777],
  [0o042770, 2 ** 31 + 2 ** 22 + 0o770],
  [0o120777, 2 ** 27 + 0o777],
  [0o020666, 2 ** 26 + 2 ** 21 + 0o666],
  [0o060660, 2 ** 26 + 0o660],
  [0o010600, 2 ** 25 + 0o600],
  [0o140755, 2 ** 24 + 0o755],
])('the kernel’s mode %o is %d in Go', (mode, go) => expect(goFileMode(mode)).toBe(go))
