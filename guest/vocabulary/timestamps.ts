/** Times as people give them to `--since`, `--until` and the filter `until` (moby api/types/time, GetTimestamp). */
import { EngineError } from '../protocol/errors.ts'
import { parseDurationExactly } from './go-duration.ts'

const SECOND = 1_000_000_000n
const UNIX = /^([+-]?\d+)(?:\.(\d+))?$/
/** A date, with as much of a time as is known, and a zone; the guest's own is UTC. */
const DATE = /^(\d{4}-\d{2}-\d{2})(?:T(\d{2}(?::\d{2}){0,2})(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?$/

/**
 * Nanoseconds since the epoch: `1714557600.5` are seconds, a duration counts back from `now`, a date in part is completed.
 * @param now nanoseconds since the epoch
 * @throws EngineError `invalid` for anything else
 */
export function parseTimestamp(text: string, now: bigint): bigint {
  const unix = UNIX.exec(text)
  if (unix !== null) return BigInt(unix[1]!) * SECOND + nanosecondsOf(unix[2])
  const time = dateOf(text) ?? durationBefore(text, now)
  if (time === undefined)
    throw new EngineError('invalid', `failed to parse value as time or duration: ${JSON.stringify(text)}`, {
      value: text,
    })
  return time
}

/**
 * The time in the form that the Engine API takes: `1714557600`, or with nine digits of a fraction. Passes a number on
 * as it is.
 * @param now nanoseconds since the epoch
 * @throws EngineError `invalid`
 */
export function unixTimestamp(text: string, now: bigint): string {
  if (UNIX.test(text)) return text
  const time = parseTimestamp(text, now)
  if (!DATE.test(text)) return String(time / SECOND) // A duration counts in whole seconds.
  return `${time / SECOND}.${String(time % SECOND).padStart(9, '0')}`
}

const nanosecondsOf = (fraction = ''): bigint => BigInt(fraction.slice(0, 9).padEnd(9, '0'))

function dateOf(text: string): bigint | undefined {
  const [, day, time = '00', fraction = '', zone = 'Z'] = DATE.exec(text) ?? []
  if (day === undefined) return undefined
  const milliseconds = Date.parse(`${day}T${time}${':00'.repeat(2 - (time.length - 2) / 3)}${zone}`)
  if (Number.isNaN(milliseconds)) return undefined
  return BigInt(milliseconds) * 1_000_000n + nanosecondsOf(fraction.slice(1))
}

/** Undefined when the text is no duration: Docker's sentence gives no reason. */
function durationBefore(text: string, now: bigint): bigint | undefined {
  try {
    return now - parseDurationExactly(text)
  } catch {
    return undefined
  }
}
