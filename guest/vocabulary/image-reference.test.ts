import { describe, expect, it } from 'vitest'
import {
  familiarReference,
  familiarRepository,
  formatReference,
  isImageId,
  parseDockerReference,
  parseReference,
  refuseAmbiguousTag,
  repositoryName,
  repoTagReference,
  withDefaultTag,
  withTag,
} from './image-reference.ts'

const HEX = 'f'.repeat(64)
const SHA256 = `sha256:${HEX}`
const SHA512 = `sha512:${'f'.repeat(128)}`
const LONGEST = `${'a/'.repeat(127)}a`

describe('image references', () => {
  // Text, then domain, path, tag, digest; from distribution/reference's own tables and Docker's use of them.
  it.each<[string, string, string, string?, string?]>([
    ['busybox', 'docker.io', 'library/busybox'],
    ['busybox:1', 'docker.io', 'library/busybox', '1'],
    ['library/busybox', 'docker.io', 'library/busybox'],
    ['user/app:v1', 'docker.io', 'user/app', 'v1'],
    ['docker.io/busybox', 'docker.io', 'library/busybox'],
    ['docker.io/user/app', 'docker.io', 'user/app'],
    ['index.docker.io/busybox', 'docker.io', 'library/busybox'],
    ['index.docker.io/user/app:v1', 'docker.io', 'user/app', 'v1'],
    ['my-index.docker.io:5000/x', 'my-index.docker.io:5000', 'x'],
    ['index.docker.io:443/x', 'index.docker.io:443', 'x'],
    ['registry-1.docker.io/library/x', 'registry-1.docker.io', 'library/x'],
    ['localhost/x', 'localhost', 'x'],
    ['localhost:5000', 'docker.io', 'library/localhost', '5000'],
    ['localhost:5000/x', 'localhost:5000', 'x'],
    ['test.com:5000', 'docker.io', 'library/test.com', '5000'],
    ['test:5000/repo:tag', 'test:5000', 'repo', 'tag'],
    [`test:5000/repo:tag@${SHA256}`, 'test:5000', 'repo', 'tag', SHA256],
    [`busybox@${SHA256}`, 'docker.io', 'library/busybox', undefined, SHA256],
    [`busybox@${SHA512}`, 'docker.io', 'library/busybox', undefined, SHA512],
    ['192.168.1.1:5000/repo:5050', '192.168.1.1:5000', 'repo', '5050'],
    ['[::1]:5000/x', '[::1]:5000', 'x'],
    ['[::1]/x', '[::1]', 'x'],
    ['[2001:db8::1]:5000/repo:tag', '[2001:db8::1]:5000', 'repo', 'tag'],
    [`[2001:db8:1:2:3:4:5:6]/repo@${SHA256}`, '[2001:db8:1:2:3:4:5:6]', 'repo', undefined, SHA256],
    ['Docker/docker', 'Docker', 'docker'],
    ['LOCALDOMAIN/library/debian', 'LOCALDOMAIN', 'library/debian'],
    ['xn--n3h.com/myimage:xn--n3h.com', 'xn--n3h.com', 'myimage', 'xn--n3h.com'],
    ['foo_bar.com:8080', 'docker.io', 'library/foo_bar.com', '8080'],
    // Not a host for its underscore, nor a namespace of docker.io for its dot.
    ['foo_bar.com/x', '', 'foo_bar.com/x'],
    ['docker---rules/dock__er', 'docker.io', 'docker---rules/dock__er'],
    ['lowercase:Uppercase', 'docker.io', 'library/lowercase', 'Uppercase'],
    [`busybox:${'t'.repeat(128)}`, 'docker.io', 'library/busybox', 't'.repeat(128)],
    [`docker.io/${HEX}`, 'docker.io', `library/${HEX}`],
    ['sha256:latest', 'docker.io', 'library/sha256', 'latest'],
    [SHA256, 'docker.io', 'library/sha256', HEX],
    [`example.com/${LONGEST}`, 'example.com', LONGEST],
    [`example.com/${'a'.repeat(255)}:tag`, 'example.com', 'a'.repeat(255), 'tag'],
  ])('%s', (text, domain, path, tag, digest) => {
    const reference = parseReference(text)
    expect(reference).toEqual({ domain, path, ...(tag && { tag }), ...(digest && { digest }) })
    expect(parseReference(formatReference(reference))).toEqual(reference)
    // What looks like an id has no familiar form that reads as a reference.
    if (path !== `library/${HEX}`) expect(parseReference(familiarReference(reference))).toEqual(reference)
  })

  const FORMAT = 'invalid reference format'
  it.each([
    ['', FORMAT],
    [':justtag', FORMAT],
    [`@${SHA256}`, FORMAT],
    ['busybox:', FORMAT],
    ['busybox:-x', FORMAT],
    [`busybox:${'t'.repeat(129)}`, FORMAT],
    ['busybox@', FORMAT],
    ['busybox:a@', FORMAT],
    ['busybox@sha256:abc', FORMAT],
    [`busybox@${SHA256}@${SHA256}`, FORMAT],
    [`busybox@${SHA256}:tag`, FORMAT],
    ['repo@sha256:' + 'f'.repeat(34), 'invalid checksum digest length'],
    [`validname@invaliddigest:${HEX}`, 'unsupported digest algorithm'],
    [`validname@sha256:${'g'.repeat(64)}`, FORMAT],
    [`validname@sha256:${'F'.repeat(64)}`, 'invalid checksum digest format'],
    [HEX, `invalid repository name (${HEX}), cannot specify 64-byte hexadecimal strings`],
    ['Uppercase:tag', `${FORMAT}: repository name (library/Uppercase) must be lowercase`],
    ['docker/Docker', `${FORMAT}: repository name (docker/Docker) must be lowercase`],
    ['docker.io/docker/Docker:x', `${FORMAT}: repository name (docker/Docker) must be lowercase`],
    [
      'test:5000/Uppercase/lowercase:tag',
      `${FORMAT}: repository name (Uppercase/lowercase) must be lowercase`,
    ],
    [`busybox@SHA256:${HEX}`, `${FORMAT}: repository name (library/busybox@SHA256) must be lowercase`],
    ['https://github.com/docker/docker', FORMAT],
    ['docker///docker', FORMAT],
    ['docker/', FORMAT],
    ['/docker', FORMAT],
    ['a:b:c', FORMAT],
    ['-docker', FORMAT],
    ['docker-/docker', FORMAT],
    ['dock..er/docker', FORMAT],
    ['dock_.er', FORMAT],
    ['____/____', FORMAT],
    ['busy box', FORMAT],
    ['busybox\n', FORMAT],
    ['aa/asdf$$^/aa', FORMAT],
    ['[::1]', FORMAT],
    ['[fc00::1]:5000', FORMAT],
    ['fc00::1:5000/debian', FORMAT],
    ['[fe80::1%eth0]:5000/debian', FORMAT],
    ['[2001:db8:3:4::192.0.2.33]:5000/debian', FORMAT],
    ['-a.b/x', FORMAT],
    ['a.b:/x', FORMAT],
    ['a.b:80:80/x', FORMAT],
    [`a/${'a'.repeat(256)}`, 'repository name must not be more than 255 characters'],
    [`example.com/${LONGEST}/a`, 'repository name must not be more than 255 characters'],
  ])('refuses %s', (text, sentence) => {
    expect(() => parseReference(text)).toThrow(
      expect.objectContaining({ code: 'invalid', message: sentence }),
    )
  })

  it('answers a long text without a host or a name at once', () => {
    for (const text of [
      'a-'.repeat(50_000),
      `${'a'.repeat(100_000)}.-/x`,
      `${'a.'.repeat(50_000)}/x`,
      `a/${'a__'.repeat(50_000)}`,
    ])
      expect(() => parseReference(text)).toThrow('invalid reference format')
  })

  it.each([
    ['docker.io/library/ubuntu', 'ubuntu'],
    ['index.docker.io/library/ubuntu:1', 'ubuntu:1'],
    ['docker.io/nonlibrary/ubuntu', 'nonlibrary/ubuntu'],
    ['library/foo/bar', 'library/foo/bar'],
    ['127.0.0.1:8000/private/moonbase:x', '127.0.0.1:8000/private/moonbase:x'],
    ['example.com/library/foo', 'example.com/library/foo'],
    [`busybox:latest@${SHA256}`, `busybox:latest@${SHA256}`],
  ])('shows %s as %s', (text, shown) => {
    expect(familiarReference(parseReference(text))).toBe(shown)
  })

  it('adds a tag where there is neither tag nor digest, and puts one in place of another', () => {
    expect(formatReference(withDefaultTag(parseReference('a')))).toBe('docker.io/library/a:latest')
    expect(formatReference(withDefaultTag(parseReference('a:b')))).toBe('docker.io/library/a:b')
    expect(formatReference(withDefaultTag(parseReference(`a@${SHA256}`)))).toBe(
      `docker.io/library/a@${SHA256}`,
    )
    expect(familiarReference(withTag(parseReference('a:b'), 'c'))).toBe('a:c')
    expect(() => withTag(parseReference('a'), '.c')).toThrow('invalid tag format')
  })

  it('pulls by the digest when there is a tag beside it', () => {
    const pulled = (text: string) => formatReference(parseDockerReference(text))
    expect(pulled('a')).toBe('docker.io/library/a:latest')
    expect(pulled('a:b')).toBe('docker.io/library/a:b')
    expect(pulled(`a:b@${SHA256}`)).toBe(`docker.io/library/a@${SHA256}`)
  })

  it('tells repositories from references', () => {
    const reference = parseReference(`index.docker.io/a:b@${SHA256}`)
    expect([repositoryName(reference), familiarRepository(reference)]).toEqual(['docker.io/library/a', 'a'])
  })

  it('joins the two parameters of a request', () => {
    const name = (repository: string, tag: string) => familiarReference(repoTagReference(repository, tag))
    expect([name('a', ''), name('a', 'b'), name('a:b', ''), name('a:b', 'c')]).toEqual([
      'a:latest',
      'a:b',
      'a:b',
      'a:c',
    ])
    expect(() => repoTagReference(`a@${SHA256}`, '')).toThrow('cannot import digest reference')
    expect(() => repoTagReference('a', '-')).toThrow('invalid tag format')
  })

  it('knows whole ids', () => {
    expect([HEX, SHA256, SHA512].map(isImageId)).toEqual([true, true, true])
    expect(
      ['sha256:abc', HEX.slice(1), 'busybox', `sha256:${HEX.toUpperCase()}`, `md5:${HEX}`, ''].map(isImageId),
    ).toEqual(Array(6).fill(false))
  })

  it('refuses tags that would read as a digest', () => {
    expect(() => refuseAmbiguousTag(parseReference('sha256:x'))).toThrow(
      'refusing to create an ambiguous tag using digest algorithm as name',
    )
    for (const text of ['sha256x', 'user/sha256', 'localhost/sha256', 'sha512:x'])
      expect(() => refuseAmbiguousTag(parseReference(text))).not.toThrow()
  })
})
