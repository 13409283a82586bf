import { describe, expect, it } from 'vitest'
import { parseStanzas } from './stanzas.ts'

describe('parseStanzas', () => {
  it('separates paragraphs and keeps continuation lines', () => {
    expect(
      parseStanzas('Package: a\nDescription: short\n long\n .\n more\n\n\nPackage: b\n# comment\nEmpty:\n'),
    ).toEqual([
      { Package: 'a', Description: 'short\nlong\n.\nmore' },
      { Package: 'b', Empty: '' },
    ])
  })

  it('does not take a colon inside a value for a field', () => {
    expect(parseStanzas('Version: 2:1.0\nHomepage: https://x.example/a:b\n')).toEqual([
      { Version: '2:1.0', Homepage: 'https://x.example/a:b' },
    ])
  })
})
