import { expect, test } from 'vitest'
import type { Condition } from '../format/check.ts'
import { guestProbe } from './guest-probes.ts'

const probe = (kind: Condition['kind'], query: Record<string, string>, cgroups = new Map<string, string>()) =>
  guestProbe({ kind, query, fields: [], count: { compare: '>=', value: 1 } }, cgroups)

test('a file is what stat and its content say', () => {
  const { question, read } = probe('file', { path: "/a 'b'" })
  expect(question.script).toContain(`-- '/a '\\''b'\\'''`)
  expect(read({ output: '81ed 6 0 1000\nhello\n', status: 0 })).toEqual({
    ...{ type: 'file', mode: '0755', size: 6, uid: 0, gid: 1000, text: 'hello\n' },
  })
  expect(read({ output: 'a1ff 4 0 0\n/bin\n', status: 0 })).toMatchObject({ type: 'link', text: '/bin\n' })
  expect(read({ output: '41ed 40 0 0\n', status: 0 })).toMatchObject({ type: 'directory', text: '' })
  expect(read({ output: '', status: 9 })).toBe(undefined)
})

test('a control group’s file is a text, and a number when it is one', () => {
  const { read } = probe('cgroup', { path: 'demo', file: 'memory.max' })
  expect(read({ output: '33554432\n', status: 0 })).toEqual({ text: '33554432', value: 33_554_432 })
  expect(read({ output: 'max\n', status: 0 })).toEqual({ text: 'max', value: Infinity })
  expect(read({ output: '50000 100000\n', status: 0 })).toEqual({ text: '50000 100000', value: undefined })
  expect(read({ output: '', status: 9 })).toBe(undefined)
})

test('a key names a line of it', () => {
  const { read } = probe('cgroup', { path: 'demo', file: 'memory.events', key: 'oom_kill' })
  expect(read({ output: 'oom 1\noom_kill 2\noom_kill_all 3\n', status: 0 })).toEqual({ text: '2', value: 2 })
  expect(read({ output: 'oom 1\n', status: 0 })).toBe(undefined)
})

test('a container’s control group is found by its name', () => {
  const script = (cgroups: Map<string, string>) =>
    probe('cgroup', { container: 'web', file: 'pids.max' }, cgroups).question.script
  expect(script(new Map([['web', 'docker/ab']]))).toContain("'/sys/fs/cgroup/docker/ab/pids.max'")
  expect(script(new Map())).toContain('/.none/')
})

test('an answer of a server is its status and its body', () => {
  const { question, read } = probe('http', { port: '8080', path: "/it's", host: 'web.local' })
  expect(question.script).toContain(`-H 'Host: web.local' 'http://127.0.0.1:8080/it'\\''s'`)
  expect(read({ output: 'HTTP/1.1 404 Not Found\r\nA: b\r\n\r\nno\n\r\n\r\nend', status: 0 })).toEqual({
    status: 404,
    text: 'no\n\r\n\r\nend',
  })
  expect(read({ output: 'HTTP/1.1 204\r\n\r\n', status: 0 })).toEqual({ status: 204, text: '' })
  expect(read({ output: '', status: 7 })).toBe(undefined)
})
