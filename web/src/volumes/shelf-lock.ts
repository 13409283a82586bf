/**
 * Who keeps volumes: the first tab of a site, for as long as it is open. What a second one writes would be the end of what
 * the first one goes on with, so it may read only.
 *
 * Without the Web Locks API (plain HTTP) every page keeps them, and of two the last save of a volume counts.
 */
export type Claim = 'alone' | 'shared' | 'refused'

const NAME = 'porthole-volumes'
/** A page that was reloaded gives its lock up a moment after the next one asks for it. */
const GRACE_MS = 3000

export class ShelfLock {
  private readonly locks: LockManager | undefined
  private claimed: Promise<Claim> | undefined
  private giveUp: () => void = () => undefined

  constructor(locks: LockManager | undefined) {
    this.locks = locks
  }

  /** Asked once; what it says stays so until `release`. */
  claim(): Promise<Claim> {
    return (this.claimed ??= this.ask())
  }

  release(): void {
    this.giveUp()
  }

  private ask(): Promise<Claim> {
    const { locks } = this
    if (locks === undefined) return Promise.resolve('shared')
    return new Promise((resolve) => {
      const held = locks.request(NAME, { signal: AbortSignal.timeout(GRACE_MS) }, () => {
        resolve('alone')
        return new Promise<void>((release) => (this.giveUp = release))
      })
      // Not in time, or not allowed to ask: then another may have it.
      held.catch(() => resolve('refused'))
    })
  }
}
