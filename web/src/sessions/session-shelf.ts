/**
 * Keeps one saved machine over a reload: a record that names the blocks of its bytes. A save writes blocks of its own and
 * then the record, so that a page that ends meanwhile leaves the machine that was saved before.
 */
import { EngineError } from '../../../guest/protocol/errors.ts'
import { isRecord } from '../../../guest/protocol/wire/is-record.ts'
import { BlockWriter, deleteRun, readBlocks, type BlockRun } from '../content/block-writer.ts'
import { randomKey } from '../content/runs.ts'
import type { KeyValueStore } from '../storage/key-value-store.ts'

export interface SessionNote {
  buildId: string
  /** MiB. */
  memory: number
  /** Milliseconds since 1970. */
  savedAt: number
}

interface SessionRecord extends SessionNote {
  run: BlockRun
}

const RECORD = 'current'
/** Notes which machine was begun with, and how many times no end of that was heard of. */
const ATTEMPTS = 'attempts'

export class SessionShelf {
  private readonly store: KeyValueStore

  /** @param store one in which nobody else keeps anything */
  constructor(store: KeyValueStore) {
    this.store = store
  }

  /** The machine that is kept. Rejects with EngineError `corrupt` when its record is none. */
  async current(): Promise<SessionNote | undefined> {
    return this.record()
  }

  /** Its bytes. Rejects with EngineError `corrupt` when they are damaged or gone. */
  async read(): Promise<Blob> {
    const record = await this.record()
    if (record === undefined) throw new EngineError('corrupt', 'no saved machine is kept here')
    const blocks: Uint8Array[] = []
    for await (const block of readBlocks(this.store, record.run, 'the saved machine')) blocks.push(block)
    return new Blob(blocks as Uint8Array<ArrayBuffer>[])
  }

  /** Keeps this one in the place of the one before, which stays when there is no room: then EngineError `exhausted`. */
  async put({ buildId, memory, savedAt }: SessionNote, bytes: readonly Uint8Array[]): Promise<void> {
    const before = await this.runBefore()
    const key = randomKey()
    try {
      const writer = new BlockWriter(this.store, key)
      for (const part of bytes) await writer.write(part)
      const record: SessionRecord = { buildId, memory, savedAt, run: await writer.finish() }
      await this.store.setMany([[RECORD, record]])
    } catch (error) {
      await deleteRun(this.store, key)
      throw error
    }
    if (before !== undefined) await deleteRun(this.store, before)
  }

  async drop(): Promise<void> {
    const before = await this.runBefore()
    // The record goes first: without it the blocks are only garbage.
    await this.store.deleteMany([RECORD, ATTEMPTS])
    if (before !== undefined) await deleteRun(this.store, before)
  }

  /** Deletes the blocks of saves that never ended; nobody else may be saving. */
  async sweep(): Promise<void> {
    const kept = await this.runBefore()
    const blocks = await this.store.keys('data/')
    await this.store.deleteMany(blocks.filter((key) => key.split('/')[1] !== kept))
  }

  /** Notes that the machine is gone on with; resolves with how many times that was noted since `endAttempts`. */
  async countAttempt(): Promise<number> {
    const noted: unknown = await this.store.get(ATTEMPTS)
    const count = (typeof noted === 'number' ? noted : 0) + 1
    await this.store.setMany([[ATTEMPTS, count]])
    return count
  }

  async endAttempts(): Promise<void> {
    await this.store.deleteMany([ATTEMPTS])
  }

  private async record(): Promise<SessionRecord | undefined> {
    const record = await this.store.get(RECORD)
    if (record === undefined || isSessionRecord(record)) return record
    throw new EngineError('corrupt', 'the record of the saved machine is damaged')
  }

  /** The key of the blocks that are kept, as far as it is known. */
  private async runBefore(): Promise<string | undefined> {
    const record = await this.store.get(RECORD)
    return isSessionRecord(record) ? record.run.key : undefined
  }
}

function isSessionRecord(value: unknown): value is SessionRecord {
  if (!isRecord(value) || !isRecord(value.run)) return false
  const { buildId, memory, savedAt, run } = value
  return (
    typeof buildId === 'string' &&
    typeof memory === 'number' &&
    typeof savedAt === 'number' &&
    typeof run.key === 'string' &&
    typeof run.size === 'number' &&
    Array.isArray(run.checks) &&
    run.checks.every((check) => typeof check === 'string')
  )
}
