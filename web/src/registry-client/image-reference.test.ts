import { describe, expect, it } from 'vitest'
import { familiarReference, formatReference, parseReference } from './image-reference.ts'

const hex = 'a'.repeat(64)

describe('an image reference', () => {
  it.each([
    ['busybox', 'docker.io/library/busybox:latest', 'busybox:latest'],
    ['busybox:1', 'docker.io/library/busybox:1', 'busybox:1'],
    ['ann/app', 'docker.io/ann/app:latest', 'ann/app:latest'],
    ['docker.io/busybox', 'docker.io/library/busybox:latest', 'busybox:latest'],
    ['index.docker.io/library/busybox', 'docker.io/library/busybox:latest', 'busybox:latest'],
    ['localhost/app', 'localhost/app:latest', 'localhost/app:latest'],
    ['localhost:5000/a/b:v1', 'localhost:5000/a/b:v1', 'localhost:5000/a/b:v1'],
    ['[::1]:5000/app', '[::1]:5000/app:latest', '[::1]:5000/app:latest'],
    ['Registry/app', 'Registry/app:latest', 'Registry/app:latest'],
    ['ghcr.io/a/b__c-d.e', 'ghcr.io/a/b__c-d.e:latest', 'ghcr.io/a/b__c-d.e:latest'],
    [`busybox@sha256:${hex}`, `docker.io/library/busybox@sha256:${hex}`, `busybox@sha256:${hex}`],
    [`busybox:1@sha256:${hex}`, `docker.io/library/busybox@sha256:${hex}`, `busybox@sha256:${hex}`],
  ])('%s is %s', (text, full, familiar) => {
    const reference = parseReference(text)
    expect(formatReference(reference)).toBe(full)
    expect(familiarReference(reference)).toBe(familiar)
  })

  it.each([
    '',
    ':tag',
    'a:',
    'a//b',
    'a b',
    '-a',
    'a/',
    'a:b:c',
    'a@',
    `a:${'t'.repeat(129)}`,
    'a..b',
    'a.io:x/b',
  ])('refuses %j as Docker does', (text) => {
    expect(() => parseReference(text)).toThrow(/^invalid (reference|checksum digest) format/)
  })

  it('says when a name must be lowercase, too long, or an id', () => {
    expect(() => parseReference('BusyBox')).toThrow(
      'invalid reference format: repository name (library/BusyBox) must be lowercase',
    )
    expect(() => parseReference('n'.repeat(256))).toThrow(
      'repository name must not be more than 255 characters',
    )
    expect(() => parseReference(hex)).toThrow('cannot specify 64-byte hexadecimal strings')
    expect(() => parseReference('a@sha256:abc')).toThrow('invalid checksum digest format')
  })
})
