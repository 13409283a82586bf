/**
 * Keeps volumes over a reload: each has a record that names the blocks of a tar. A save writes blocks of its own and
 * then changes the record, so that a volume is always as its last complete save left it.
 */
import { EngineError } from '../../../guest/protocol/errors.ts'
import type { StoredVolume } from '../../../guest/protocol/api/volumes.ts'
import { BlockWriter, deleteRun, readBlocks, type BlockRun } from '../content/block-writer.ts'
import type { KeyValueStore } from '../storage/key-value-store.ts'
import { randomKey } from '../content/runs.ts'

/** Names of volumes, each with those of its saves that a machine's data is at least as new as. */
export type ShelfVersions = Record<string, string[]>

interface VolumeRecord {
  volume: StoredVolume
  run: BlockRun
}

/** Milliseconds. A run that no record names may be another tab's save under way, but no save takes this long. */
const SAVE_WINDOW = 60 * 60 * 1000

const RECORDS = 'volume/'

/** Blocks are `data/<start of the save in milliseconds>-<random>/<number>`. */
const newRun = (): string => `${Date.now()}-${randomKey()}`
const runOf = (key: string): string => key.split('/')[1]!
const startOf = (run: string): number => Number(run.split('-')[0])

export class VolumeShelf {
  private readonly store: KeyValueStore
  /** Saves that have begun and not ended, by volume. */
  private readonly underWay = new Map<string, string>()

  /** @param store one in which nobody else keeps anything */
  constructor(store: KeyValueStore) {
    this.store = store
  }

  async list(): Promise<StoredVolume[]> {
    const records = await this.records()
    return records.map(({ volume }) => volume)
  }

  /**
   * Replaces what is kept of the volume. Rejects with EngineError `exhausted` when there is no room, and with the
   * failure of `tar`; the shelf then still has what it had before.
   */
  async save(volume: StoredVolume, tar: AsyncIterable<Uint8Array>): Promise<void> {
    const key = newRun()
    this.underWay.set(volume.name, key)
    try {
      const writer = new BlockWriter(this.store, key)
      for await (const bytes of tar) await writer.write(bytes)
      const run = await writer.finish()
      const old = (await this.record(volume.name))?.run
      // The same bytes are the same save, so that no machine takes them for newer ones.
      const isSame = old !== undefined && old.checks.join() === run.checks.join()
      const record: VolumeRecord = { volume, run: isSame ? old : run }
      await this.store.setMany([[RECORDS + volume.name, record]])
      if (old !== undefined) await deleteRun(this.store, isSame ? key : old.key)
    } catch (error) {
      if ((await this.record(volume.name))?.run.key !== key) await deleteRun(this.store, key)
      throw error
    } finally {
      if (this.underWay.get(volume.name) === key) this.underWay.delete(volume.name)
    }
  }

  /** What the machine that saves here has given, a save that is still under way included. */
  async versions(): Promise<ShelfVersions> {
    const versions: ShelfVersions = Object.create(null) as ShelfVersions
    for (const [name, key] of this.underWay) versions[name] = [key]
    for (const { volume, run } of await this.records())
      versions[volume.name] = [...(versions[volume.name] ?? []), run.key]
    return versions
  }

  /** Names of the volumes whose present save, if it has any data, is none of these. */
  async newerThan(versions: ShelfVersions): Promise<string[]> {
    const newer = (await this.records()).filter(
      ({ volume, run }) => run.size > 0 && versions[volume.name]?.includes(run.key) !== true,
    )
    return newer.map(({ volume }) => volume.name)
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
    // The record goes first: without it the blocks are only garbage.
    await this.store.deleteMany([RECORDS + name])
    await deleteRun(this.store, record.run.key)
  }

  /**
   * Deletes the blocks of saves that never ended. @param alone true when nobody else saves, so that none can be under
   * way
   */
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
    // Another tab may have removed one meanwhile.
    return records.filter((record) => record !== undefined) as VolumeRecord[]
  }

  private async record(name: string): Promise<VolumeRecord | undefined> {
    return (await this.store.get(RECORDS + name)) as VolumeRecord | undefined
  }
}
