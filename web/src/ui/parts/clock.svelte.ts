/**
 * Milliseconds between ticks of the time for texts that age, such as "up 3 minutes"; long, so that an idle page draws
 * little.
 */
const TICK_MS = 5000

class Clock {
  now = $state(Date.now())

  /** Ticks until the returned function is called. */
  run(): () => void {
    const timer = setInterval(() => (this.now = Date.now()), TICK_MS)
    return () => clearInterval(timer)
  }
}

export const clock = new Clock()
