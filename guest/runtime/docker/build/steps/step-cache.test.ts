/**
 * Hits and misses of the classic builder's cache: each case builds, makes a change, and counts how many steps of the
 * next build come from the cache.
 */
import { utimesSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { buildWith, contextOf, type BuildRequest } from '../../../../../test/support/build-with-fake-host.ts'
import { FakeBuildHost } from '../../../../../test/support/fake-build-host.ts'

let machine: FakeBuildHost

beforeEach(async () => {
  machine = new FakeBuildHost(async (request, _, output) => {
    await output.stdout([request.Cmd!].flat().join(' '))
    return 0
  })
  await machine.base('base', { '/file': 'base' })
})

afterEach(() => machine.close())

const FILES = { 'a.txt': 'A', 'b.txt': 'B', 'dir/c.txt': 'C' }
const FILE_STEPS = 'FROM base\nCOPY a.txt /a\nRUN one\n'
const ARG_STEPS = 'FROM base\nARG V=1\nRUN use $V\nENV X=1\n'

type Case = [what: string, first: BuildRequest, then: BuildRequest, hits: number]

const request = (dockerfile: string, more: Partial<BuildRequest> = {}): BuildRequest => ({
  dockerfile,
  files: FILES,
  ...more,
})

const args = (...pairs: [string, string][]) => ({ options: { buildArgs: new Map(pairs) } })

const TABLE: Case[] = [
  ['the same again', request(FILE_STEPS), request(FILE_STEPS), 2],
  ['a step added at the end', request(FILE_STEPS), request(`${FILE_STEPS}ENV A=1\n`), 2],
  [
    'a step changed in the middle: it and all after it',
    request('FROM base\nENV A=1\nRUN x\nENV B=1\n'),
    request('FROM base\nENV A=1\nRUN y\nENV B=1\n'),
    1,
  ],
  [
    'white space and comments between instructions',
    request('FROM base\nENV A=1\n'),
    request('# c\nFROM base\n\nENV   A=1\n'),
    1,
  ],
  [
    'a file’s content',
    request(FILE_STEPS),
    request(FILE_STEPS, { files: { ...FILES, 'a.txt': 'changed' } }),
    0,
  ],
  [
    'a file that is not copied',
    request(FILE_STEPS),
    request(FILE_STEPS, { files: { ...FILES, 'b.txt': 'changed' } }),
    2,
  ],
  [
    'a file’s mode',
    request(FILE_STEPS),
    request(FILE_STEPS, { files: { ...FILES, 'a.txt': { content: 'A', mode: 0o755 } } }),
    0,
  ],
  [
    'a file in a copied directory',
    request('FROM base\nCOPY dir /d\n'),
    request('FROM base\nCOPY dir /d\n', { files: { 'dir/c.txt': 'x' } }),
    0,
  ],
  [
    'a file added to a copied directory',
    request('FROM base\nCOPY dir /d\n'),
    request('FROM base\nCOPY dir /d\n', { files: { ...FILES, 'dir/d.txt': '' } }),
    0,
  ],
  [
    'a file’s name under a wildcard',
    request('FROM base\nCOPY *.txt /d/\n'),
    request('FROM base\nCOPY *.txt /d/\n', { files: { 'a.txt': 'A', 'z.txt': 'B' } }),
    0,
  ],
  ['another destination', request('FROM base\nCOPY a.txt /x\n'), request('FROM base\nCOPY a.txt /y\n'), 0],
  ['--chown', request('FROM base\nCOPY a.txt /x\n'), request('FROM base\nCOPY --chown=1:1 a.txt /x\n'), 0],
  ['--chmod', request('FROM base\nCOPY a.txt /x\n'), request('FROM base\nCOPY --chmod=600 a.txt /x\n'), 0],
  ['ADD instead of COPY', request('FROM base\nCOPY a.txt /x\n'), request('FROM base\nADD a.txt /x\n'), 0],
  [
    'a here-document',
    request('FROM base\nCOPY <<E /x\n1\nE\n'),
    request('FROM base\nCOPY <<E /x\n2\nE\n'),
    0,
  ],
  [
    'a build argument from the ARG on that has it',
    request(ARG_STEPS, args(['V', '2'])),
    request(ARG_STEPS, args(['V', '3'])),
    1,
  ],
  ['a build argument that no ARG names', request(ARG_STEPS), request(ARG_STEPS, args(['W', '3'])), 3],
  [
    'a build argument before its ARG',
    request('FROM base\nRUN x\nARG V\n', args(['V', '1'])),
    request('FROM base\nRUN x\nARG V\n', args(['V', '2'])),
    2,
  ],
  [
    'a proxy, unless an ARG names it',
    request(ARG_STEPS, args(['HTTP_PROXY', 'a'])),
    request(ARG_STEPS, args(['HTTP_PROXY', 'b'])),
    3,
  ],
  [
    'a proxy that an ARG names',
    request('FROM base\nARG HTTP_PROXY\nRUN x\n', args(['HTTP_PROXY', 'a'])),
    request('FROM base\nARG HTTP_PROXY\nRUN x\n', args(['HTTP_PROXY', 'b'])),
    1,
  ],
  [
    'a global ARG’s default that a stage uses',
    request('ARG V=1\nFROM base\nARG V\nRUN x\n'),
    request('ARG V=2\nFROM base\nARG V\nRUN x\n'),
    1,
  ],
  [
    'a label in another order',
    request('FROM base\nLABEL a=1 b=2\n'),
    request('FROM base\nLABEL b=2 a=1\n'),
    0,
  ],
  [
    '--label',
    request('FROM base\nRUN x\n'),
    request('FROM base\nRUN x\n', { options: { labels: { l: '1' } } }),
    1,
  ],
  ['--no-cache', request(FILE_STEPS), request(FILE_STEPS, { options: { noCache: true } }), 0],
  [
    'a miss ends it for its stage alone',
    request('FROM base AS a\nRUN x\nRUN z\nFROM base\nRUN z\n'),
    request('FROM base AS a\nRUN y\nRUN z\nFROM base\nRUN z\n'),
    1,
  ],
  [
    '--target',
    request('FROM base AS a\nRUN x\nFROM base\nRUN y\n'),
    request('FROM base AS a\nRUN x\nFROM base\nRUN y\n', { options: { target: 'a' } }),
    1,
  ],
  [
    'files of a stage that came out the same',
    request('FROM base AS a\nRUN x\nFROM base\nCOPY --from=a /file /f\n'),
    request('FROM base AS a\nRUN y\nFROM base\nCOPY --from=a /file /f\n'),
    1,
  ],
]

test.each(TABLE)('%s', async (_, first, then, hits) => {
  await buildWith(machine, first)
  expect((await buildWith(machine, then)).hits).toBe(hits)
})

test('another base misses', async () => {
  await buildWith(machine, request('FROM base\nRUN x\n'))
  await machine.base('other', { '/file': 'other' })
  expect((await buildWith(machine, request('FROM other\nRUN x\n'))).hits).toBe(0)
})

test('a hit is the same image, the newest of several', async () => {
  const { image: old } = await buildWith(machine, request(FILE_STEPS))
  const { image: again } = await buildWith(machine, request(FILE_STEPS, { options: { noCache: true } }))
  expect(again.id).not.toBe(old.id)
  expect((await buildWith(machine, request(FILE_STEPS))).image.id).toBe(again.id)
})

test('a file’s time does not count', async () => {
  const context = (seconds: number) => {
    const tree = contextOf(machine, FILES)
    utimesSync(tree.path('/a.txt'), seconds, seconds)
    return tree
  }
  await buildWith(machine, { dockerfile: FILE_STEPS, context: context(1) })
  expect((await buildWith(machine, { dockerfile: FILE_STEPS, context: context(2) })).hits).toBe(2)
})

describe('--cache-from', () => {
  const options = { cacheFrom: ['elsewhere'] }

  test('takes steps from the history of an image that was not built here', async () => {
    const { image } = await buildWith(machine, request(FILE_STEPS))
    machine.named.set('elsewhere', machine.forget(image))
    expect((await buildWith(machine, request(FILE_STEPS))).hits).toBe(0)
    machine.named.set('elsewhere', machine.forget(image))
    const built = await buildWith(machine, request(FILE_STEPS, { options }))
    expect(built.hits).toBe(2)
    expect(built.image.id).toBe(image.id)
  })

  test('goes on by itself where the history ends or parts', async () => {
    const { image } = await buildWith(machine, request(FILE_STEPS))
    machine.named.set('elsewhere', machine.forget(image))
    expect((await buildWith(machine, request('FROM base\nCOPY a.txt /a\nRUN two\n', { options }))).hits).toBe(
      1,
    )
  })

  test('leaves out what was built here on other ways', async () => {
    await buildWith(machine, request(FILE_STEPS))
    const { image } = await buildWith(machine, request('FROM base\nENV A=1\n'))
    machine.named.set('elsewhere', image)
    expect((await buildWith(machine, request(FILE_STEPS, { options }))).hits).toBe(0)
  })
})
