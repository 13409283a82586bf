/**
 * Volumes kept over a reload: each a record that names the blocks of a tar. A save writes blocks of its own and then changes
 * the record, so that a volume is at every moment what it was at the end of its last save.
 */
import { EngineError } from '../../../guest/protocol/errors.ts'
import type { StoredVolume } from '../../../guest/protocol/api/volumes.ts'
import { BlockWriter, deleteRun, readBlocks, type BlockRun } from '../content/block-writer.ts'
import type { KeyValueStore } from '../storage/key-value-store.ts'
import { randomKey } from '../content/runs.ts'

interface VolumeRecord {
  volume: StoredVolume
  run: BlockRun
}

/** A run that no record names is another tab's save under way, or was: no save takes this long. */
const SAVE_WINDOW = 60 * 60 * 1000

const RECORDS = 'volume/'

/** Blocks are `data/<begin of the save in milliseconds>-<random>/<number>`. */
const newRun = (): string => `${Date.now()}-${randomKey()}`
const runOf = (key: string): string => key.split('/')[1]!
const startOf = (run: string): number => Number(run.split('-')[0])

export class VolumeShelf {
  private readonly store: KeyValueStore

  /** @param store in which nobody else keeps anything */
  constructor(store: KeyValueStore) {
    this.store = store
  }

  async list(): Promise<StoredVolume[]> {
    const records = await this.records()
    return records.map(({ volume }) => volume)
  }

  /**
   * In place of what is kept of the volume. Rejects with EngineError `exhausted` when there is no room, and as `tar` does;
   * then what was kept is kept on.
   */
  async save(volume: StoredVolume, tar: AsyncIterable<Uint8Array>): Promise<void> {
    const key = newRun()
    try {
      const writer = new BlockWriter(this.store, key)
      for await (const bytes of tar) await writer.write(bytes)
      const record: VolumeRecord = { volume, run: await writer.finish() }
      const old = await this.record(volume.name)
      await this.store.setMany([[RECORDS + volume.name, record]])
      if (old !== undefined) await deleteRun(this.store, old.run.key)
    } catch (error) {
      if ((await this.record(volume.name))?.run.key !== key) await deleteRun(this.store, key)
      throw error
    }
  }

  /** Rejects with EngineError `not-found`; reading rejects with `corrupt` when a block is damaged. */
  async load(name: string): Promise<{ size: number; bytes: AsyncIterable<Uint8Array> }> {
    const record = await this.record(name)
    if (record === undefined)
      throw new EngineError('not-found', `volume ${name} is not kept by this page`, { name })
    return { size: record.run.size, bytes: this.read(record) }
  }

  async remove(name: string): Promise<void> {
    const record = await this.record(name)
    if (record === undefined) return
    // The record first: without it the blocks are only garbage.
    await this.store.deleteMany([RECORDS + name])
    await deleteRun(this.store, record.run.key)
  }

  /** Deletes what saves left that never ended. @param alone nobody else saves: none can be under way */
  async sweep(alone: boolean): Promise<void> {
    const kept = new Set((await this.records()).map(({ run }) => run.key))
    const blocks = await this.store.keys('data/')
    const youngest = alone ? Infinity : Date.now() - SAVE_WINDOW
    await this.store.deleteMany(
      blocks.filter((key) => !kept.has(runOf(key)) && startOf(runOf(key)) < youngest),
    )
  }

  private async *read({ volume, run }: VolumeRecord): AsyncGenerator<Uint8Array> {
    try {
      yield* readBlocks(this.store, run, volume.name)
    } catch (thrown) {
      const { code } = EngineError.from(thrown)
      if (code !== 'corrupt') throw thrown
      const message = `what the browser kept of volume ${volume.name} is damaged; remove the volume, or reload the page to try again`
      throw new EngineError('corrupt', message, { name: volume.name }, thrown)
    }
  }

  private async records(): Promise<VolumeRecord[]> {
    const keys = await this.store.keys(RECORDS)
    const records = await Promise.all(keys.map((key) => this.store.get(key)))
    // One may have been removed meanwhile, by another tab.
    return records.filter((record) => record !== undefined) as VolumeRecord[]
  }

  private async record(name: string): Promise<VolumeRecord | undefined> {
    return (await this.store.get(RECORDS + name)) as VolumeRecord | undefined
  }
}
