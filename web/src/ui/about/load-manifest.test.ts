import { expect, test } from 'vitest'
import { packagesOf } from './load-manifest.ts'

test('packages are read with name, version and licence', () => {
  const manifest = { packages: [{ name: 'busybox', version: '1.37', licence: 'GPL-2', sha256: 'ab' }] }
  expect(packagesOf(manifest, 'list.json')).toEqual([{ name: 'busybox', version: '1.37', licence: 'GPL-2' }])
})

test.each([null, {}, { packages: 'none' }, []])('%j is refused', (manifest) => {
  expect(() => packagesOf(manifest, 'list.json')).toThrow(/^list\.json has no list of packages$/)
})
