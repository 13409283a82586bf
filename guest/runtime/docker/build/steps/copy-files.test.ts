import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { symlinkSync, utimesSync } from 'node:fs'
import { execFileSync } from 'node:child_process'
import { buildWith, contextOf, type BuildRequest } from '../../../../../test/support/build-with-fake-host.ts'
import { FakeBuildHost } from '../../../../../test/support/fake-build-host.ts'
import { copyDirectory } from '../../../host/files/copy-between-trees.ts'
import type { RootedTree } from '../../../host/files/rooted-tree.ts'
import { compileMatch } from '../../../../vocabulary/dockerignore/go-match.ts'

let machine: FakeBuildHost

beforeEach(async () => {
  machine = new FakeBuildHost()
  await machine.base('base', {
    '/etc/passwd': 'app:x:7:8:::\n',
    '/etc/group': 'team:x:9:\n',
    '/dir/old': 'old',
  })
})

afterEach(() => machine.close())

const FILES = {
  'a.txt': 'A',
  'b.txt': 'B',
  'sub/c.txt': 'C',
  'sub/deep/d': 'D',
  'run.sh': { content: '#!', mode: 0o750 },
}

/** The image's own files after some instructions on `base`. */
async function after(instructions: string, files: BuildRequest['files'] = FILES): Promise<RootedTree> {
  const { image } = await buildWith(machine, { dockerfile: `FROM base\n${instructions}`, files })
  return machine.tree(image)
}

describe('COPY', () => {
  test('puts a file under the destination’s name, or its own in a directory', async () => {
    const tree = await after('COPY a.txt /x\nCOPY a.txt /new/\nCOPY a.txt /dir\n')
    expect([tree.readText('/x'), tree.readText('/new/a.txt'), tree.readText('/dir/a.txt')]).toEqual([
      'A',
      'A',
      'A',
    ])
    expect(tree.entry('/new')).toMatchObject({ type: 'directory', mode: 0o755, uid: 0 })
  })

  test('puts a directory’s members, not itself, beside what is there', async () => {
    const tree = await after('COPY sub /dir')
    expect(tree.list('/dir')).toEqual(['c.txt', 'deep', 'old'])
    expect(tree.readText('/dir/deep/d')).toBe('D')
  })

  test('takes wildcards within names, the whole context as a dot, and a destination below WORKDIR', async () => {
    const tree = await after(
      'WORKDIR /w\nCOPY *.txt sub/?.txt one/\nCOPY . all\nCOPY ["a.txt", "with blank"]\n',
    )
    expect(tree.list('/w/one')).toEqual(['a.txt', 'b.txt', 'c.txt'])
    expect(tree.list('/w/all')).toEqual(['a.txt', 'b.txt', 'run.sh', 'sub'])
    expect(tree.readText('/w/with blank')).toBe('A')
  })

  test('keeps modes and times; files belong to root unless --chown says otherwise, modes are --chmod’s', async () => {
    const context = contextOf(machine, FILES)
    utimesSync(context.path('/a.txt'), 1000, 1000)
    const tree = await after(
      'COPY run.sh /plain\nCOPY --chown=app:team --chmod=0604 sub /owned/\nCOPY --chown=5 a.txt /five',
    )
    expect(tree.entry('/plain')).toMatchObject({ mode: 0o750, uid: 0, gid: 0 })
    expect(tree.entry('/owned/c.txt')).toMatchObject({ mode: 0o604, uid: 7, gid: 9 })
    expect(tree.entry('/owned')).toMatchObject({ uid: 7, gid: 9 })
    expect(tree.entry('/five')).toMatchObject({ uid: 5, gid: 5 })
    const target = contextOf(machine, {})
    copyDirectory(context, '/', target, '/', {})
    expect(target.entry('/a.txt')!.modified).toEqual(new Date(1000_000))
  })

  test('--from an image keeps the owners that its files have there', async () => {
    const { image } = await buildWith(machine, {
      dockerfile:
        'FROM base AS one\nCOPY --chown=7:7 a.txt /a\nFROM base\nCOPY --from=one /a /b\nCOPY --from=one --chown=0:0 /a /c\n',
      files: FILES,
    })
    expect(machine.tree(image).entry('/b')).toMatchObject({ uid: 7, gid: 7 })
    expect(machine.tree(image).entry('/c')).toMatchObject({ uid: 0, gid: 0 })
  })

  test('lets what it brings take the place of what is there', async () => {
    const tree = await after('COPY sub /dir\nCOPY one /dir\n', {
      'sub/deep/d': 'D',
      'one/old/now/a/directory': 'x',
      'one/deep': 'now a file',
    })
    expect(tree.list('/dir/old/now/a')).toEqual(['directory'])
    expect(tree.readText('/dir/deep')).toBe('now a file')
  })

  test('follows a source that is a link, and keeps links inside a directory', async () => {
    const context = contextOf(machine, FILES)
    symlinkSync('../a.txt', context.path('/sub/link'))
    const target = contextOf(machine, {})
    copyDirectory(context, '/sub', target, '/', {})
    expect(target.readLink('/link')).toBe('../a.txt')
    expect(context.follow('/sub/link')).toMatchObject({ path: '/a.txt', entry: { type: 'file' } })
  })
})

describe('no link leads out of a tree', () => {
  test.each([
    ['/etc', '/etc/passwd', '/etc/passwd'],
    ['../../../../etc', '/out/passwd', '/etc/passwd'],
    ['/../..', '/out/x', '/x'],
    ['loop', '/loop/a', undefined],
  ])('%s', (link, path, resolved) => {
    const tree = contextOf(machine, { 'etc/passwd': 'own' })
    const name = path.split('/')[1]!
    if (name !== 'etc') symlinkSync(link, tree.path(`/${name}`))
    if (resolved === undefined) expect(() => tree.resolve(path)).toThrow('too many levels of symbolic links')
    else expect(tree.resolve(path)).toBe(resolved)
  })

  test('COPY through a link of the image stays in the image', async () => {
    const outside = contextOf(machine, {})
    const links = contextOf(machine, {})
    symlinkSync(outside.root, links.path('/escape'))
    const { image } = await buildWith(machine, {
      dockerfile: 'FROM scratch AS links\nCOPY . /\nFROM links\nCOPY <<a /escape/\ntext\na\n',
      context: links,
    })
    expect(outside.list('/')).toEqual([])
    expect(machine.tree(image).readText(`${outside.root}/a`)).toBe('text\n')
  })
})

describe('ADD', () => {
  test('takes archives apart, compressed or not; COPY doesn’t, and neither does what only looks like one', async () => {
    const source = contextOf(machine, { 'in/file': 'packed' })
    const files = contextOf(machine, { 'fake.tar': 'no archive at all' })
    execFileSync('tar', ['-cf', files.path('/plain.tar'), '-C', source.root, 'in'])
    execFileSync('tar', ['-czf', files.path('/zipped.tgz'), '-C', source.root, 'in'])
    execFileSync('sh', ['-c', `echo text | gzip > ${files.path('/text.gz')}`])
    const { image } = await buildWith(machine, {
      dockerfile:
        'FROM base\nADD plain.tar /p\nADD zipped.tgz /z/\nCOPY plain.tar /copied/\nADD fake.tar text.gz /whole/\n',
      context: files,
    })
    const tree = machine.tree(image)
    expect(tree.readText('/p/in/file')).toBe('packed')
    expect(tree.readText('/z/in/file')).toBe('packed')
    expect(tree.list('/copied')).toEqual(['plain.tar'])
    expect(tree.list('/whole')).toEqual(['fake.tar', 'text.gz'])
  })
})

describe('Go’s filepath.Match', () => {
  test.each([
    ['*', 'a/b', false],
    ['*.txt', 'a.txt', true],
    ['a?c', 'abc', true],
    ['[a-c]x', 'bx', true],
    ['[^a-c]x', 'bx', false],
    ['\\*', '*', true],
    ['\\*', 'a', false],
    ['a+b(c)', 'a+b(c)', true],
    ['[\\-x]', '-', true],
    ['한*', '한국', true],
  ])('%s %s: %s', (pattern, name, matches) => expect(compileMatch(pattern).test(name)).toBe(matches))

  test.each(['[', '[]a]', '[a', 'a\\', '[-x]', '[a-]'])('%s is no pattern', (pattern) => {
    expect(() => compileMatch(pattern)).toThrow('syntax error in pattern')
  })
})
