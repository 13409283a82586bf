import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { parseRelease } from '../../web/src/release/release.ts'
import { undoAfterEach } from '../../test/support/undo-after-each.ts'
import { sha256 } from './hash.ts'
import { sealSite } from './release.ts'

const undo = undoAfterEach()
const MANIFEST = JSON.stringify({ format: 1, buildId: 'b1', files: [] })
const SITE = {
  'index.html': '<p>page',
  'assets/a.js': 'a',
  'site.json': '{}',
  'preview-worker.js': '',
  '.sources': 'x',
  'guest/manifest.json': MANIFEST,
  'guest/bzImage': 'kernel',
  'guest/system/debian/index.json.gz': 'index',
  'guest/system/debian/00bdbaa0947dc96d34b34532a1af8b4a.gz': 'chunk',
  'guest/state/256/state.zst.00': 'state',
  'images/index.json': JSON.stringify({ manifests: [{ digest: 'sha256:aa' }, { digest: 'sha256:aa' }] }),
  'images/blobs/sha256/aa': JSON.stringify({
    config: { digest: 'sha256:cc' },
    layers: [{ digest: 'sha256:dd' }],
  }),
  'images/blobs/sha256/cc': '{}',
  'images/blobs/sha256/dd': 'layer',
}

async function site(files: Record<string, string>): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'release-'))
  undo(() => rm(dir, { recursive: true }))
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(dir, path)), { recursive: true })
    await writeFile(join(dir, path), text)
  }
  return dir
}

test('lists the page’s files and what a machine reads by name, with their digests', async () => {
  const dir = await site(SITE)
  const release = await sealSite(dir)
  expect(release.shell).toEqual([
    { path: 'assets/a.js', size: 1, sha256: sha256('a') },
    { path: 'index.html', size: 7, sha256: sha256('<p>page') },
  ])
  expect(release.system.map(({ path }) => path)).toEqual([
    'guest/manifest.json',
    'guest/state/256/state.zst.00',
    'guest/system/debian/index.json.gz',
    'images/index.json',
    'images/blobs/sha256/aa',
    'images/blobs/sha256/cc',
  ])
  expect(release.guest).toBe('b1')
  expect(parseRelease(await readFile(join(dir, 'release.json')))).toEqual(release)
})

test('has another id when any of its files differs, and the same for the same site', async () => {
  const { id } = await sealSite(await site(SITE))
  expect((await sealSite(await site(SITE))).id).toBe(id)
  for (const path of ['assets/a.js', 'guest/state/256/state.zst.00', 'images/blobs/sha256/cc'])
    expect((await sealSite(await site({ ...SITE, [path]: 'other' }))).id, path).not.toBe(id)
  // A host may change its own files at any time.
  expect((await sealSite(await site({ ...SITE, 'site.json': '{"page":"x"}' }))).id).toBe(id)
})
