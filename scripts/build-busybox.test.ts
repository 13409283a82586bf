import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parseFragment } from './lib/kernel-options.ts'
import { busyboxSources } from './lib/paths.ts'

describe('the configuration of busybox', () => {
  it('differs from upstream’s defaults where the official image’s musl variant does, each time for a reason', async () => {
    const options = parseFragment(await readFile(join(busyboxSources, 'busybox.config'), 'utf8'))
    expect(options.map(({ name, value }) => `${name}=${value}`)).toEqual([
      'CONFIG_STATIC=y',
      'CONFIG_AR=y',
      'CONFIG_FEATURE_AR_CREATE=y',
      'CONFIG_FEATURE_AR_LONG_FILENAMES=y',
      'CONFIG_INOTIFYD=y',
      'CONFIG_LAST_SUPPORTED_WCHAR=0',
      'CONFIG_FEATURE_SYNC_FANCY=n',
      'CONFIG_FEATURE_INETD_RPC=n',
      'CONFIG_FEATURE_UTMP=n',
      'CONFIG_FEATURE_WTMP=n',
    ])
    expect(options.filter(({ reason }) => reason === '')).toEqual([])
  })
})
