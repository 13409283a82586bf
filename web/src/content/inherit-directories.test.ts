import { describe, expect, it } from 'vitest'
import { sha256 } from '../../../test/support/make-layout.ts'
import { makeTar, type TarPart } from '../../../test/support/make-tar.ts'
import { BlockCache } from '../storage/block-cache.ts'
import { inheritDirectories } from './inherit-directories.ts'
import { LayerStore } from './layer-store.ts'
import { MemoryKeyValueStore } from '../storage/memory-key-value-store.ts'

/** Mode and owner of a path in the topmost of the layers, after they were stacked. */
async function top(
  path: string,
  ...layers: TarPart[][]
): Promise<{ mode: number; uid: number; xattrs: string[] }> {
  const store = new LayerStore(new MemoryKeyValueStore(), new BlockCache(1 << 20))
  const tars = layers.map((parts) => makeTar(parts))
  for (const tar of tars) {
    const source = (async function* () {
      yield tar
    })()
    await store.unpack(source, { name: 'test', compression: 'none' })
  }
  await inheritDirectories(store, tars.map(sha256))
  let node = (await store.open(sha256(tars.at(-1)!)))!.root
  for (const name of path.split('/').filter(Boolean)) node = (await node.directory!.lookup(name))!
  return { mode: node.mode & 0o7777, uid: node.uid, xattrs: [...(node.xattrs?.keys() ?? [])] }
}

const tmp: TarPart = { name: 'tmp', type: '5', mode: 0o1777, uid: 3, pax: { 'SCHILY.xattr.user.a': 'b' } }
const inTmp: TarPart = { name: 'tmp/x' }

describe('a directory that a layer does not describe', () => {
  it('takes mode, owner and attributes from the layer below, through others that say nothing either', async () => {
    const inherited = { mode: 0o1777, uid: 3, xattrs: ['user.a'] }
    expect(await top('tmp', [tmp], [inTmp])).toEqual(inherited)
    expect(await top('tmp', [tmp], [{ name: 'tmp/y' }], [inTmp])).toEqual(inherited)
    expect(await top('tmp', [tmp], [{ name: 'etc' }], [inTmp])).toEqual(inherited)
  })

  it('keeps its own when it is described', async () => {
    expect((await top('tmp', [tmp], [{ ...tmp, mode: 0o700 }, inTmp])).mode).toBe(0o700)
  })

  it('is root’s 0755 when the one below was removed, replaced or hidden', async () => {
    const fresh = { mode: 0o755, uid: 0, xattrs: [] }
    expect(await top('tmp', [tmp], [{ name: '.wh.tmp' }], [inTmp])).toEqual(fresh)
    expect(await top('tmp', [tmp], [{ name: 'tmp', content: 'file' }], [inTmp])).toEqual(fresh)
    const nested = { ...tmp, name: 'a/tmp' }
    expect(await top('a/tmp', [nested], [{ name: 'a/.wh..wh..opq' }], [{ name: 'a/tmp/x' }])).toEqual(fresh)
    expect(await top('a/tmp', [nested], [{ name: '.wh.a' }], [{ name: 'a/tmp/x' }])).toEqual(fresh)
  })
})
