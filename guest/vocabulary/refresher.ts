/**
 * Runs an asynchronous refresh on request, never twice at once: requests that come during a run share one more run
 * after it. So a burst of events costs two runs, and the last run always started after the last request.
 */
export class Refresher {
  private readonly run: () => Promise<void>
  private current: Promise<void> | undefined
  private next: Promise<void> | undefined

  constructor(run: () => Promise<void>) {
    this.run = run
  }

  /** Resolves when a run that began after this call has ended; rejects as that run does. */
  request(): Promise<void> {
    if (!this.current) return this.start()
    const again = () => {
      this.next = undefined
      return this.start()
    }
    this.next ??= this.current.then(again, again)
    return this.next
  }

  private start(): Promise<void> {
    const current = this.run().finally(() => {
      if (this.current === current) this.current = undefined
    })
    this.current = current
    return current
  }
}
