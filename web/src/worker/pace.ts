/** Holds back what can wait while the guest works: both want the same thread, and somebody waits for the guest. */
export type Pace = () => Promise<void>

/** Milliseconds. A guest that waits for the disk or the page is asleep too, for less than this. */
const QUIET = 100
/** Milliseconds after which work goes on beside a guest that never rests. */
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
