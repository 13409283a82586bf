import { describe, expect, it, vi } from 'vitest'
import { ShelfLock } from './shelf-lock.ts'

/** The Web Locks API of one site, as far as it is used: https://w3c.github.io/web-locks/ */
class SiteLocks {
  private held: Promise<unknown> = Promise.resolve()

  request(_name: string, { signal }: { signal: AbortSignal }, action: () => Promise<void>): Promise<void> {
    const before = this.held
    const result = new Promise<void>((resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason as Error))
      void before.then(() => {
        if (!signal.aborted) resolve(action())
      })
    })
    this.held = result.catch(() => before)
    return result
  }
}

const lockOf = (site: SiteLocks) => new ShelfLock(site as unknown as LockManager)

describe('the shelf of a site', () => {
  it('is the first tab’s, until that one goes', async () => {
    vi.useFakeTimers()
    // vitest does not replace the timer that Node's AbortSignal.timeout uses.
    vi.spyOn(AbortSignal, 'timeout').mockImplementation((milliseconds) => {
      const stop = new AbortController()
      setTimeout(() => stop.abort(new DOMException('', 'TimeoutError')), milliseconds)
      return stop.signal
    })
    try {
      const site = new SiteLocks()
      const [first, second, third] = [lockOf(site), lockOf(site), lockOf(site)]
      expect(await first.claim()).toBe('alone')
      const refused = second.claim()
      await vi.advanceTimersByTimeAsync(10_000)
      expect(await refused).toBe('refused')
      first.release()
      expect(await third.claim()).toBe('alone')
      expect(await second.claim(), 'what it has is not what the first one left').toBe('refused')
    } finally {
      vi.restoreAllMocks()
      vi.useRealTimers()
    }
  })

  it('is the next page’s when the one before gives it up a moment later', async () => {
    const site = new SiteLocks()
    const [before, after] = [lockOf(site), lockOf(site)]
    expect(await before.claim()).toBe('alone')
    const claim = after.claim()
    before.release()
    expect(await claim).toBe('alone')
  })

  it('is everybody’s where there are no locks', async () => {
    expect(await new ShelfLock(undefined).claim()).toBe('shared')
  })
})
