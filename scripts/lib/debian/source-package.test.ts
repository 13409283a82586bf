import { describe, expect, it } from 'vitest'
import { chosenPatches, parseSource } from './source-package.ts'
import { parseStanzas } from './stanzas.ts'

const SHA256 = '3ba2c096eef0c391f744f093edbe0df7b21ab118652487cc076818e92cb57e8e'

describe('a source package', () => {
  it('is read from a paragraph of a Sources list', () => {
    const [stanza] = parseStanzas(
      `Package: busybox\nVersion: 1:1.37.0-6\nFiles:\n 6c5d 2279 busybox_1.37.0-6.dsc\nChecksums-Sha256:\n ${SHA256} 2279 busybox_1.37.0-6.dsc\n`,
    )
    expect(parseSource(stanza!)).toEqual({
      name: 'busybox',
      version: '1:1.37.0-6',
      files: [{ file: 'busybox_1.37.0-6.dsc', sha256: SHA256 }],
    })
  })

  it('without checksums is refused', () => {
    expect(() => parseSource({ Package: 'busybox', Version: '1' })).toThrow(
      "Debian's list says too little of a source package busybox",
    )
  })

  it('is patched in the order of its series, but for comments and what is left out', () => {
    const series = '# of Debian\na.patch\nb.patch # needs work\n\n#c.patch\nd.diff\n'
    expect(chosenPatches(series, ['b.patch', 'gone.patch'])).toEqual(['a.patch', 'd.diff'])
  })
})
