/** Time, injected so that lifecycles are tested without waiting. */
export interface Clock {
  /** Nanoseconds since the epoch; never the same twice, and growing unless the clock itself was set back. */
  now(): bigint
  /** Calls back once after `milliseconds`; the result cancels. */
  after(milliseconds: number, callback: () => void): () => void
}

/** A step back of more than this is the clock being set, not two readings within one tick. */
const SET_BACK_NS = 1_000_000_000n

export function systemClock(): Clock {
  let last = 0n
  return {
    now() {
      // Date has milliseconds; the monotonic clock's remainder tells readings within one apart.
      const reading = BigInt(Date.now()) * 1_000_000n + (process.hrtime.bigint() % 1_000_000n)
      last = reading > last || last - reading > SET_BACK_NS ? reading : last + 1n
      return last
    },
    after(milliseconds, callback) {
      const timer = setTimeout(callback, milliseconds)
      return () => clearTimeout(timer)
    },
  }
}

/** RFC 3339 in UTC with all nine digits, as the log has it: such times compare as texts. */
export function paddedTime(nanoseconds: bigint): string {
  const seconds = new Date(Number(nanoseconds / 1_000_000_000n) * 1000).toISOString().slice(0, 19)
  return `${seconds}.${String(nanoseconds % 1_000_000_000n).padStart(9, '0')}Z`
}

/** Go's RFC3339Nano in UTC: the fraction has no trailing zeros and is absent when zero. */
export function formatTime(nanoseconds: bigint): string {
  return paddedTime(nanoseconds).replace(/\.?0+Z$/, 'Z')
}

const RFC3339 = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)$/

/** Nanoseconds since the epoch; undefined when the text is no RFC 3339 time. */
export function parseTime(text: string): bigint | undefined {
  const match = RFC3339.exec(text)
  if (!match) return undefined
  const milliseconds = Date.parse(`${match[1]}${match[3]}`)
  if (Number.isNaN(milliseconds)) return undefined
  return BigInt(milliseconds) * 1_000_000n + BigInt((match[2] ?? '').padEnd(9, '0'))
}

/** Docker's zero time: never. */
export const ZERO_TIME = '0001-01-01T00:00:00Z'

/** A clock that stands still until told: for unit tests. */
export class FakeClock implements Clock {
  #now = 1_700_000_000_000_000_000n
  #timers: { at: bigint; callback: () => void }[] = []

  now(): bigint {
    return this.#now
  }

  after(milliseconds: number, callback: () => void): () => void {
    const timer = { at: this.#now + BigInt(Math.round(milliseconds * 1e6)), callback }
    this.#timers.push(timer)
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer)
    }
  }

  /** Lets time pass and runs what became due, in order. */
  advance(milliseconds: number): void {
    const end = this.#now + BigInt(Math.round(milliseconds * 1e6))
    for (;;) {
      const due = this.#timers.filter(({ at }) => at <= end).sort((a, b) => (a.at < b.at ? -1 : 1))[0]
      if (!due) break
      this.#timers = this.#timers.filter((other) => other !== due)
      this.#now = due.at > this.#now ? due.at : this.#now
      due.callback()
    }
    this.#now = end
  }

  /** Timers that have not run. */
  get pending(): number {
    return this.#timers.length
  }
}
