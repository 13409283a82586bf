import { describe, expect, it } from 'vitest'
import { summarizeLicences } from './licences.ts'

describe('summarizeLicences', () => {
  it('collects the License fields of a machine-readable file once each, in order', () => {
    const text =
      'Format: https://x/1.0/\nSource: y\n\nFiles: *\nLicense: MIT\n\nFiles: a\nLicense: Apache-2.0\n text\n\nLicense: MIT\n words\n'
    expect(summarizeLicences(text)).toBe('Apache-2.0 AND MIT')
  })

  it('finds references to common licences and known phrases in free text', () => {
    const text =
      "On Debian see `/usr/share/common-licenses/GPL-2'.\nPermission is hereby granted, free of charge, to\n"
    expect(summarizeLicences(text)).toBe('Expat AND GPL-2')
  })

  it('says so when it recognizes nothing', () => {
    expect(summarizeLicences('All sorts of things.')).toBe('see the copyright file')
  })
})
