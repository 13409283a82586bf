/** Decides whether and when a container that ended is started again. Docker's rules: internal/restartmanager. */
import type { RestartPolicy } from '../../../protocol/api/engine-api.ts'

const FIRST_DELAY = 100
const LONGEST_DELAY = 60_000
/** Seconds of a run that counts as a success, after which the delay starts again from its shortest. */
const LONG_ENOUGH = 10

export interface EndedRun {
  exitCode: number
  /** `stop`, or `kill` with the signal that ends the container, has suspended the policy. */
  cancelled: boolean
  /** `stop`, or any `kill`, came while the container ran. */
  manuallyStopped: boolean
  /** Seconds that the container ran. */
  duration: number
  restartCount: number
  /** Milliseconds of the last delay; 0 when there was none yet. */
  lastDelay: number
}

function wanted(policy: RestartPolicy, run: EndedRun): boolean {
  if (run.cancelled) return false
  switch (policy.Name) {
    case 'always':
      return true
    case 'unless-stopped':
      return !run.manuallyStopped
    case 'on-failure': {
      const limit = policy.MaximumRetryCount
      return run.exitCode !== 0 && (limit === 0 || run.restartCount < limit)
    }
    case '':
    case 'no':
      return false
  }
}

/** Milliseconds until the next start; undefined when the container stays ended. */
export function restartDelay(policy: RestartPolicy, run: EndedRun): number | undefined {
  if (!wanted(policy, run)) return undefined
  if (run.lastDelay === 0 || run.duration >= LONG_ENOUGH) return FIRST_DELAY
  return Math.min(run.lastDelay * 2, LONGEST_DELAY)
}

/** Whether a container that is not running is started when the engine starts. */
export function startsWithEngine(policy: RestartPolicy, manuallyStopped: boolean): boolean {
  return policy.Name === 'always' || (policy.Name === 'unless-stopped' && !manuallyStopped)
}
