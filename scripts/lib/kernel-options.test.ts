import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { droppedOptions, parseFragment, withOptions } from './kernel-options.ts'
import { kernelConfig } from './paths.ts'

const fragment = parseFragment(
  '## Heading\n# because\n# of that\nCONFIG_A=y\n# not here\nCONFIG_B=n\n\nCONFIG_C="x"\n',
)

describe('kernel fragment', () => {
  it('gives each option the comment above it', () => {
    expect(fragment).toEqual([
      { name: 'CONFIG_A', value: 'y', reason: 'because of that' },
      { name: 'CONFIG_B', value: 'n', reason: 'not here' },
      { name: 'CONFIG_C', value: '"x"', reason: '' },
    ])
  })

  it('accepts a configuration that has every option', () => {
    expect(droppedOptions(fragment, 'CONFIG_A=y\n# CONFIG_B is not set\nCONFIG_C="x"\nCONFIG_D=y\n')).toEqual(
      [],
    )
  })

  it('names an option that was dropped, one that was forced and one with another value', () => {
    expect(droppedOptions(fragment, '# CONFIG_A is not set\nCONFIG_B=y\nCONFIG_C="z"\n')).toEqual([
      'CONFIG_A is n, not y',
      'CONFIG_B is y, not n',
      'CONFIG_C is "z", not "x"',
    ])
  })

  it('takes the place of a configuration’s own answers and leaves the others', () => {
    const config = '# Title\n# CONFIG_A is not set\nCONFIG_B=y\nCONFIG_B_LONGER=y\nCONFIG_C=1\n'
    expect(withOptions(config, fragment)).toBe(
      '# Title\nCONFIG_B_LONGER=y\nCONFIG_A=y\n# CONFIG_B is not set\nCONFIG_C="x"\n',
    )
  })

  it('of Porthole has a reason for every option and each option once', async () => {
    const options = parseFragment(await readFile(kernelConfig, 'utf8'))
    expect(options.length).toBeGreaterThan(100)
    expect(options.filter(({ reason }) => reason === '').map(({ name }) => name)).toEqual([])
    expect(new Set(options.map(({ name }) => name)).size).toBe(options.length)
  })
})
