/**
 * The tree served for each image equals what `umoci unpack` makes of the same layout: the served layers are written to
 * this machine's disk and stacked by its own overlayfs. nine.test.ts does the same with the guest's kernel.
 */
import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ensureTools } from '../../scripts/lib/debian/host-tools.ts'
import { publicDir } from '../../scripts/lib/paths.ts'
import { BlockCache } from '../../web/src/storage/block-cache.ts'
import { wholeFiles } from '../../web/src/catalogue/catalogue.ts'
import { createContent } from '../../web/src/content-service/content-service.ts'
import { createLayerProvider } from '../../web/src/content-service/layer-provider.ts'
import { MemoryKeyValueStore } from '../../web/src/storage/memory-key-value-store.ts'
import { pull } from '../../web/src/registry-client/registry-calls.ts'
import { createNineServer } from '../../web/src/nine/nine-server.ts'
import { createRootTree } from '../../web/src/trees/root-tree.ts'
import { describeDirectory, differences } from '../support/describe-directory.ts'
import { materializeServed } from '../support/materialize-served.ts'
import { NineClient } from '../support/nine-client.ts'
import { imageNames, unpackByUmoci } from '../support/oci-layout-images.ts'
import { makeOddLayout } from '../support/odd-layout.ts'

const run = promisify(execFile)

let scratch: string

beforeAll(async () => {
  await ensureTools('umoci', 'getfattr', 'setfattr')
  scratch = await mkdtemp(join(tmpdir(), 'porthole-served-'))
})

afterAll(() => rm(scratch, { recursive: true, force: true }))

/** Layers on the disk by diffId: the bundled images share their base. */
const written = new Map<string, string>()

async function servedRoot(layout: string, reference: string, target: string): Promise<void> {
  const files = wholeFiles((path) => readFile(join(layout, path.replace(/^images\//, ''))))
  const content = createContent({
    keyValues: new MemoryKeyValueStore(),
    files,
    blocks: new BlockCache(1 << 26),
  })
  const { layers } = await pull(content, { reference }, () => undefined)
  const client = new NineClient(
    createNineServer(createRootTree(new Map(), { layers: createLayerProvider(content) })),
  )
  await client.mount()
  await mkdir(join(target, 'root'), { recursive: true })
  const lower: string[] = []
  for (const { diffId } of layers) {
    let directory = written.get(diffId)
    if (directory === undefined) {
      directory = join(scratch, diffId.slice('sha256:'.length, 30))
      await materializeServed(client, `layers/${diffId.slice('sha256:'.length)}`, directory)
      written.set(diffId, directory)
    }
    lower.unshift(directory)
  }
  // Two lower directories are the least that overlayfs takes without an upper one.
  await mkdir(join(target, 'none'))
  const options = `lowerdir=${[...lower, join(target, 'none')].join(':')}`
  await run('mount', ['-t', 'overlay', 'overlay', '-o', options, join(target, 'root')])
}

async function compare(layout: string, reference: string): Promise<void> {
  const target = await mkdtemp(join(scratch, 'image-'))
  const bundle = join(target, 'bundle')
  await unpackByUmoci(layout, reference, bundle)
  const served = join(target, 'served')
  await servedRoot(layout, reference, served)
  try {
    const actual = await describeDirectory(join(served, 'root'))
    const expected = await describeDirectory(join(bundle, 'rootfs'))
    expect(expected.size).toBeGreaterThan(1)
    expect(differences(actual, expected)).toEqual([])
  } finally {
    await run('umount', [join(served, 'root')])
    await rm(target, { recursive: true })
  }
}

describe('the tree served over 9P equals umoci’s', () => {
  it('for a layout of odd cases', async () => {
    await compare(await makeOddLayout(), 'odd')
  })

  it('for every bundled image', async () => {
    const layout = join(publicDir, 'images')
    for (const reference of await imageNames(layout)) await compare(layout, reference)
  })
})
