/** Who waits for something that happens again and again. Whoever gives up is held no longer, as long as it may still take. */
export class Waiters<T> {
  readonly #waiting = new Set<(value: T) => void>()

  /** Resolves the next time that they are woken; rejects with the signal's reason when the waiter gives up before. */
  next(signal?: AbortSignal): Promise<T> {
    return new Promise((resolve, reject) => {
      const giveUp = () => {
        this.#waiting.delete(wake)
        reject(signal!.reason)
      }
      const wake = (value: T) => {
        signal?.removeEventListener('abort', giveUp)
        resolve(value)
      }
      if (signal?.aborted) return giveUp()
      this.#waiting.add(wake)
      signal?.addEventListener('abort', giveUp, { once: true })
    })
  }

  wake(value: T): void {
    const waiting = [...this.#waiting]
    this.#waiting.clear()
    for (const wake of waiting) wake(value)
  }

  get size(): number {
    return this.#waiting.size
  }
}
