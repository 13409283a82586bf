import { expect, test } from 'vitest'
import type { Check } from './check.ts'
import { check } from './decode-check.ts'
import { pathText, Place } from './decoder.ts'

function decode(value: unknown): { decoded: Check | undefined; problems: string[] } {
  const problems: string[] = []
  const place = new Place((path, message) => problems.push(`${pathText(path)}: ${message}`), ['check'])
  return { decoded: check(value, place), problems }
}

const AT_LEAST_ONE = { compare: '>=', value: 1 }

test('a condition names fields and how they are compared', () => {
  const value = {
    container: { name: 'web', exit: '!= 0', memory: '<= 32m', oom: true, ports: ['8080:80/tcp'] },
  }
  expect(decode(value)).toEqual({
    decoded: {
      kind: 'container',
      query: {},
      count: AT_LEAST_ONE,
      fields: [
        ['name', { kind: 'text', glob: 'web' }],
        ['exit', { kind: 'amount', amount: { compare: '!=', value: 0 } }],
        ['memory', { kind: 'amount', amount: { compare: '<=', value: 33_554_432 } }],
        ['oom', { kind: 'flag', value: true }],
        ['ports', { kind: 'texts', globs: ['8080:80/tcp'] }],
      ],
    },
    problems: [],
  })
})

test('a text stands for the field that is meant most', () => {
  expect(decode({ volume: 'data' }).decoded).toMatchObject({ fields: [['name', { glob: 'data' }]] })
  expect(decode({ file: '/x' }).decoded).toMatchObject({ query: { path: '/x' }, fields: [] })
  expect(decode({ typed: 'ls *' }).decoded).toMatchObject({ fields: [['line', { glob: 'ls *' }]] })
  expect(decode({ http: 8080 }).decoded).toMatchObject({ query: { port: '8080' } })
})

test('a script must succeed, unless its status is told', () => {
  const zero = ['status', { kind: 'amount', amount: { compare: '=', value: 0 } }]
  expect(decode({ script: 'true' }).decoded).toMatchObject({ query: { run: 'true' }, fields: [zero] })
  const one = ['status', { kind: 'amount', amount: { compare: '=', value: 1 } }]
  expect(decode({ script: { run: 'x', status: 1 } }).decoded).toMatchObject({ fields: [one] })
})

test('checks are joined', () => {
  const file = { kind: 'file', query: { path: '/x' } }
  expect(decode([{ file: '/x' }, { not: { file: '/x' } }, { any: [{ file: '/x' }] }]).decoded).toMatchObject({
    kind: 'all',
    of: [file, { kind: 'not', of: file }, { kind: 'any', of: [file] }],
  })
})

test('how many things there must be is a comparison too', () => {
  expect(decode({ container: { exists: false } }).decoded).toMatchObject({
    count: { compare: '=', value: 0 },
  })
  expect(decode({ container: { count: 3 } }).decoded).toMatchObject({ count: { compare: '=', value: 3 } })
  expect(decode({ process: { count: '>= 2' } }).decoded).toMatchObject({ count: { compare: '>=', value: 2 } })
})

test.each([
  ['x', 'check: a check is a list of checks, or a mapping with one of container,'],
  [{}, 'check: a check is a list of checks'],
  [{ file: '/a', http: 1 }, 'check: a check is a list of checks'],
  [{ toString: 1 }, 'check.toString: there is no such check: container,'],
  [[], 'check: a check of nothing holds never or always'],
  [{ any: [{ file: {} }] }, 'check.any[0].file.path: is needed'],
  [{ container: { nmae: 'x' } }, 'check.container.nmae: a container has no such field: name, image,'],
  [{ container: { exit: 'zero' } }, 'check.container.exit: a number is wanted'],
  [{ container: { exit: true } }, 'check.container.exit: a number is wanted'],
  [{ container: { oom: 1 } }, 'check.container.oom: true or false is wanted, not 1'],
  [{ container: { count: [] } }, 'check.container.count: a number is wanted'],
  [{ http: { port: 70_000 } }, 'check.http.port: a port is a whole number from 1 to 65535'],
  [{ file: { path: '/a', in: '../x' } }, 'check.file.in: a container’s name is wanted, not “../x”'],
  [{ cgroup: { file: 'memory.max' } }, 'check.cgroup: either a path or a container is needed'],
  [
    { cgroup: { path: 'a', file: '../../etc/passwd' } },
    'check.cgroup.file: a control group’s file is wanted',
  ],
  [
    { cgroup: { path: 'a/../..', file: 'memory.max' } },
    'check.cgroup.path: a path below /sys/fs/cgroup is wanted',
  ],
  [{ file: 'etc/passwd' }, 'check.file: an absolute path is wanted, not “etc/passwd”'],
  [{ http: { port: 80, path: 'x y' } }, 'check.http.path: a path that begins with / is wanted'],
  [{ typed: 'a\u001b[2J' }, 'check.typed: the character U+001B does not show what it does'],
  [{ all: Array(41).fill({ file: '/a' }) }, 'check.all: at most 40 entries are allowed'],
  [
    [{ all: Array(21).fill({ file: '/a' }) }, { all: Array(21).fill({ file: '/a' }) }],
    'at most 40 conditions',
  ],
])('%j is refused with its path', (value, problem) => {
  const { decoded, problems } = decode(value)
  expect(decoded).toBe(undefined)
  expect(problems).toEqual([expect.stringContaining(problem)])
})
