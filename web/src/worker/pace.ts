/** Holds back work that can wait while the guest runs: both want the same thread, and a person waits for the guest. */
export type Pace = () => Promise<void>

/**
 * Milliseconds for which the guest must have been idle. It also sleeps when it waits for the disk or the page, but less
 * long.
 */
const QUIET = 100
/** Milliseconds after which work goes on although the guest never rests. */
const PATIENCE = 2000

/** @param quietFor milliseconds for which the guest has had nothing to do */
export function paceOf(quietFor: () => number): Pace {
  return async () => {
    const deadline = performance.now() + PATIENCE
    for (;;) {
      const rest = Math.min(QUIET - quietFor(), deadline - performance.now())
      if (rest <= 0) return
      await new Promise((resolve) => setTimeout(resolve, rest))
    }
  }
}
