import { describe, expect, it } from 'vitest'
import { makeTar } from '../../../test/support/make-tar.ts'
import { BlockCache } from '../storage/block-cache.ts'
import { LayerStore } from './layer-store.ts'
import { MemoryKeyValueStore } from '../storage/memory-key-value-store.ts'
import { UnpackLimit } from './unpack-limit.ts'

const MIB = 2 ** 20

describe('the unpack limit', () => {
  it('lets real layers and small ones of zeros pass', () => {
    expect(() => new UnpackLimit('a', 50 * MIB).add(1000 * MIB)).not.toThrow()
    expect(() => new UnpackLimit('a', 1000).add(256 * MIB)).not.toThrow()
  })

  it('refuses a ratio that only a bomb has, and more than 4 GiB at any ratio', () => {
    expect(() => new UnpackLimit('a', MIB).add(257 * MIB)).toThrow('decompression bomb')
    const limit = new UnpackLimit('a', 4096 * MIB)
    limit.add(4096 * MIB)
    expect(() => limit.add(1)).toThrow('more than 4294967296 bytes')
  })

  it('stops a layer while it unpacks and leaves nothing of it', async () => {
    const keyValues = new MemoryKeyValueStore()
    const zeros = new Uint8Array(MIB)
    const limits = { most: 64 * MIB, ratio: 200, ratioFrom: 4 * MIB }
    let produced = 0
    const endless = async function* (): AsyncGenerator<Uint8Array> {
      yield makeTar([{ name: 'zeros', size: 2 ** 31 - 512 }], false)
      for (;;) {
        produced += zeros.length
        yield zeros
      }
    }
    const store = new LayerStore(keyValues, new BlockCache(MIB))
    await expect(
      store.unpack(endless(), { name: 'bomb', compression: 'none', size: 1000, limits }),
    ).rejects.toMatchObject({
      code: 'too-large',
    })
    expect(produced).toBeLessThan(8 * MIB)
    expect(await keyValues.keys('')).toEqual([])
  })
})
