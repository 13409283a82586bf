import { Mutex } from '../../../guest/vocabulary/mutex.ts'

/**
 * Runs tasks one at a time: within this worker by a mutex, and against other tabs of the site by the Web Locks API
 * where it exists.
 */
export class Exclusive {
  private readonly name: string
  private readonly mutex = new Mutex()

  constructor(name: string) {
    this.name = name
  }

  run<T>(action: () => Promise<T>): Promise<T> {
    return this.mutex.run(() => this.locked(action))
  }

  private async locked<T>(action: () => Promise<T>): Promise<T> {
    const locks = (globalThis as { navigator?: { locks?: LockManager } }).navigator?.locks
    if (locks === undefined) return action()
    let begun = false
    const begin = () => {
      begun = true
      return action()
    }
    try {
      return (await locks.request(this.name, begin)) as T
    } catch (error) {
      // Where the browser refuses locks, as to frames of other sites in private windows, no storage is shared either.
      const refused = error instanceof DOMException && error.name === 'SecurityError'
      if (begun || !refused) throw error
      return action()
    }
  }
}
