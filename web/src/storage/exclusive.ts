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
    return (await locks.request(this.name, action)) as T
  }
}
