import { expect, test } from 'vitest'
import { parseReference } from '../../../guest/vocabulary/image-reference.ts'
import { formatOrigin, parseOrigin } from './image-origin.ts'
import { reasonIn } from './skopeo.ts'

const PYTHON = parseReference('python:3.12')

test.each([
  [undefined, 'registry', 'docker.io/library/python:3.12'],
  ['localhost:5000', 'registry', 'localhost:5000/library/python:3.12'],
  ['mirror.example', 'registry', 'mirror.example/library/python:3.12'],
  ['localhost:5000/python', 'registry', 'localhost:5000/python:3.12'],
  ['ghcr.io/ann/python:slim', 'registry', 'ghcr.io/ann/python:slim'],
  ['ann/python', 'registry', 'docker.io/ann/python:3.12'],
  ['docker', 'docker', 'docker'],
  ['./python.tar', 'archive', './python.tar'],
  ['python.tar.gz', 'archive', 'python.tar.gz'],
  ['/tmp/python', 'archive', '/tmp/python'],
])('--from %s is a %s: %s', (from, kind, words) => {
  const origin = parseOrigin(from, PYTHON)
  expect([origin.kind, formatOrigin(origin)]).toEqual([kind, words])
})

test.each(['school', `localhost:5000/x@sha256:${'a'.repeat(64)}`, 'a_b.c/x'])(
  '--from %s is refused',
  (from) => {
    expect(() => parseOrigin(from, PYTHON)).toThrow(`${from} is no place of images: name a registry such as`)
  },
)

test('of what skopeo says only the reason is shown', () => {
  const line = String.raw`time="2026-01-01T00:00:00Z" level=fatal msg="Error parsing image name \"docker://h/x:1\": pinging container registry h: Get \"https://h/v2/\": no such host"`
  expect(reasonIn(`Getting image source signatures\n${line}\n`)).toBe(
    'pinging container registry h: Get "https://h/v2/": no such host',
  )
  expect(reasonIn('skopeo: bad\n')).toBe('skopeo: bad')
  expect(reasonIn('')).toBe('skopeo gives no reason')
})
