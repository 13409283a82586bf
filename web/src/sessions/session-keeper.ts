/** Goes on with the machine that this browser keeps, and keeps the one that runs: for one machine, by one tab of the site. */
import type { Digest } from '../../../guest/protocol/api/oci-image.ts'
import { EngineError } from '../../../guest/protocol/errors.ts'
import type { ContentStore } from '../content/content-store.ts'
import type { KeyValueStore } from '../storage/key-value-store.ts'
import { PrefixedStore } from '../storage/prefixed-store.ts'
import type { SavedMachine } from '../vm/saved-machine.ts'
import { ShelfLock } from '../volumes/shelf-lock.ts'
import { decodeSession, encodeSession, type SessionBase } from './session-format.ts'
import { SessionShelf } from './session-shelf.ts'

/**
 * Why a machine that is kept was not gone on with. `other-build`: it is of another build of the page. `damaged`: what the
 * browser kept is not whole. `failed`: it did not start. `unreadable`: the browser did not give it; it may next time.
 */
export type SessionLoss = 'other-build' | 'damaged' | 'failed' | 'unreadable'

export type SessionOutcome =
  | { state: 'none' }
  | { state: 'resumed'; savedAt: number }
  | { state: 'lost'; why: SessionLoss; savedAt?: number; detail?: string }

/** The layers of which the machine has files, which it goes on to read. */
export function layersOf({ nine }: SavedMachine): Digest[] {
  const names = nine.fids.flatMap(({ path }) => /^\/layers\/([0-9a-f]+)/.exec(path)?.[1] ?? [])
  return [...new Set(names)].map((name) => `sha256:${name}` as const)
}

/** Times after which a machine whose start ended neither well nor badly, because the tab died, is not tried again. */
const MOST_ATTEMPTS = 3
/** Keeps the layers that the saved machine has, whatever is removed before its next save. */
const LEASE = 'session'

export class SessionKeeper {
  readonly #shelf: SessionShelf
  readonly #lock: ShelfLock
  outcome: SessionOutcome = { state: 'none' }

  constructor(keyValues: KeyValueStore, locks: LockManager | undefined) {
    this.#shelf = new SessionShelf(new PrefixedStore(keyValues, 'session/'))
    this.#lock = new ShelfLock(locks, 'porthole-session')
    // The lock is asked for now, so that the answer is there when the snapshot is.
    void this.#lock.claim()
  }

  /** Whether this tab goes on with the machine that is kept, and keeps one; another tab of the site may. */
  async isMine(): Promise<boolean> {
    return (await this.#lock.claim()) !== 'refused'
  }

  /** The machine to go on with, or none, and `outcome` says why. Never rejects. */
  async find(base: SessionBase): Promise<SavedMachine | undefined> {
    const claim = await this.#lock.claim()
    if (claim === 'refused') return undefined
    let savedAt: number | undefined
    try {
      if (claim === 'alone') await this.#shelf.sweep()
      const note = await this.#shelf.current()
      if (note === undefined) return undefined
      savedAt = note.savedAt
      if (note.buildId !== base.buildId) {
        this.outcome = { state: 'lost', why: 'other-build', savedAt }
        return undefined
      }
      if (note.memory !== base.memory) return undefined
      if ((await this.#shelf.countAttempt()) > MOST_ATTEMPTS) {
        await this.#lose('failed', savedAt, 'the tab ended at each start')
        return undefined
      }
      const saved = await decodeSession(await this.#shelf.read(), base)
      this.outcome = { state: 'resumed', savedAt }
      return saved
    } catch (thrown) {
      const { code, message } = EngineError.from(thrown)
      if (code === 'corrupt') await this.#lose('damaged', savedAt, message)
      else this.outcome = { state: 'lost', why: 'unreadable', detail: message, ...(savedAt && { savedAt }) }
      return undefined
    }
  }

  /** The machine that was found, if there was one, runs. */
  async started(): Promise<void> {
    if (this.outcome.state === 'resumed') await this.#shelf.endAttempts()
  }

  /** The saved machine did not start, and another one did. */
  async failed(error: EngineError): Promise<void> {
    const savedAt = this.outcome.state === 'resumed' ? this.outcome.savedAt : undefined
    await this.#lose('failed', savedAt, error.message)
  }

  /**
   * Keeps the machine; resolves with how many bytes that takes. The layers that are leased now stay with it, and those of
   * which it has files. Rejects with EngineError `exhausted` when there is no room, and with `conflict` when another tab keeps one; what was kept stays.
   */
  async keep(saved: SavedMachine, content: Pick<ContentStore, 'leaseAll' | 'lease'>): Promise<number> {
    if (!(await this.isMine()))
      throw new EngineError(
        'conflict',
        'another tab of this site keeps its machine: this one is gone with its tab',
      )
    await content.leaseAll(LEASE)
    await content.lease(LEASE, layersOf(saved))
    const parts = await encodeSession(saved)
    await this.#shelf.put(saved, parts)
    return parts.reduce((sum, { length }) => sum + length, 0)
  }

  /** Forgets the machine that is kept. */
  async drop(content: Pick<ContentStore, 'release'>): Promise<void> {
    if (!(await this.isMine())) return
    await this.#shelf.drop()
    await content.release(LEASE)
  }

  /** Leaves it to other tabs. */
  close(): void {
    this.#lock.release()
  }

  async #lose(why: SessionLoss, savedAt: number | undefined, detail: string): Promise<void> {
    this.outcome = { state: 'lost', why, detail, ...(savedAt !== undefined && { savedAt }) }
    try {
      await this.#shelf.drop()
    } catch {
      // It counts as an attempt, and the next save takes its place.
    }
  }
}
