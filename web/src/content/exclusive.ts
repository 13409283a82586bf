/** One at a time: in this worker by a queue, and against other tabs of the site by the Web Locks API where it exists. */
export class Exclusive {
  private readonly name: string
  private tail: Promise<unknown> = Promise.resolve()

  constructor(name: string) {
    this.name = name
  }

  run<T>(action: () => Promise<T>): Promise<T> {
    const result = this.tail.then(() => this.locked(action))
    this.tail = result.catch(() => undefined)
    return result
  }

  private async locked<T>(action: () => Promise<T>): Promise<T> {
    const locks = (globalThis as { navigator?: { locks?: LockManager } }).navigator?.locks
    if (locks === undefined) return action()
    return (await locks.request(this.name, action)) as T
  }
}
