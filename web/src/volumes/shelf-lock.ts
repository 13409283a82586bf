/**
 * Decides which tab of a site keeps volumes: the first one, for as long as it is open. A second one may only read,
 * because its saves would replace those that the first goes on with. Without the Web Locks API (plain HTTP) every page
 * keeps volumes, and the last save of a volume counts.
 */
export type Claim = 'alone' | 'shared' | 'refused'

const VOLUMES = 'porthole-volumes'
/** Milliseconds: a page that is reloaded gives up its lock a moment after the next one has asked for it. */
const GRACE_MS = 3000

export class ShelfLock {
  private readonly locks: LockManager | undefined
  private readonly name: string
  private claimed: Promise<Claim> | undefined
  private giveUp: () => void = () => undefined

  /** @param name what the tabs of the site agree on: by default, who keeps volumes */
  constructor(locks: LockManager | undefined, name = VOLUMES) {
    this.locks = locks
    this.name = name
  }

  /** Asks for the lock once; the answer holds until `release`. */
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
      const held = locks.request(this.name, { signal: AbortSignal.timeout(GRACE_MS) }, () => {
        resolve('alone')
        return new Promise<void>((release) => (this.giveUp = release))
      })
      // The lock did not come in time, or the page may not ask for it: another tab may have it.
      held.catch(() => resolve('refused'))
    })
  }
}
