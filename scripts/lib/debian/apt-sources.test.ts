import { describe, expect, it } from 'vitest'
import { chooseMirrors } from './apt-sources.ts'

const uris = (targets: { uri: string; suite: string }[], codename: string) =>
  chooseMirrors(targets, codename).map(({ suite, uri }) => `${suite} ${uri}`)

describe('chooseMirrors', () => {
  it("takes the mirrors of the host's own release", () => {
    const targets = [
      { uri: 'http://tools.example/apt', suite: 'stable' },
      { uri: 'http://mirror.example/debian/', suite: 'bookworm' },
      { uri: 'http://mirror.example/security/', suite: 'bookworm-security' },
    ]
    expect(uris(targets, 'bookworm')).toEqual([
      'trixie http://mirror.example/debian/',
      'trixie-updates http://mirror.example/debian/',
      'trixie-security http://mirror.example/security/',
    ])
  })

  it('falls back to the usual place beside the mirror for security updates', () => {
    expect(uris([{ uri: 'http://mirror.example/debian/', suite: 'bookworm' }], 'bookworm')[2]).toBe(
      'trixie-security http://mirror.example/debian-security',
    )
  })

  it("takes Debian's own address on another distribution, not the host's archive", () => {
    expect(uris([{ uri: 'http://ubuntu.example/ubuntu', suite: 'noble' }], '')[0]).toBe(
      'trixie http://deb.debian.org/debian',
    )
  })

  it('can do without updates but not without the release', () => {
    expect(chooseMirrors([], '').map(({ required }) => required)).toEqual([true, false, false])
  })
})
