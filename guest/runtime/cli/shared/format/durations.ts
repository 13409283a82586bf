/** Prints times as Go does, and reads them as Docker's client does. */
import { EngineError } from '../../../../protocol/errors.ts'
import { unixTimestamp } from '../../../../vocabulary/timestamps.ts'
import { CliError } from '../cli-error.ts'

const pad = (value: number, digits = 2): string => String(value).padStart(digits, '0')

/** Prints a time as Go's time.Time.String() does in UTC, which is the guest's zone: `2024-05-01 10:00:00 +0000 UTC`. */
export function goTimeString(seconds: number): string {
  const date = new Date(seconds * 1000)
  const day = `${date.getUTCFullYear()}-${pad(date.getUTCMonth() + 1)}-${pad(date.getUTCDate())}`
  return `${day} ${pad(date.getUTCHours())}:${pad(date.getUTCMinutes())}:${pad(date.getUTCSeconds())} +0000 UTC`
}

/** Prints a time in RFC 3339 with nine digits, in UTC, as `docker events` does. */
export function rfc3339Nano(seconds: number, nanoseconds: number): string {
  const base = new Date(seconds * 1000).toISOString().slice(0, 19)
  return `${base}.${pad(nanoseconds, 9)}Z`
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat']

/** Prints a time as Go's time.ANSIC, as `docker version` does with build times: `Fri May 30 12:07:14 2025`. */
export function ansiTime(text: string): string {
  const date = new Date(text)
  if (Number.isNaN(date.getTime())) return text
  const time = `${pad(date.getUTCHours())}:${pad(date.getUTCMinutes())}:${pad(date.getUTCSeconds())}`
  const day = String(date.getUTCDate()).padStart(2, ' ')
  return `${DAYS[date.getUTCDay()]} ${MONTHS[date.getUTCMonth()]} ${day} ${time} ${date.getUTCFullYear()}`
}

/** Prints an RFC 3339 time as Go's time.Time.String() does in UTC, with the fraction as far as it goes. */
export function goTimestamp(rfc3339: string): string {
  const seconds = Math.floor(Date.parse(rfc3339) / 1000)
  if (Number.isNaN(seconds)) return rfc3339
  const fraction = /\.(\d*[1-9])0*(?:Z|[+-])/.exec(rfc3339)?.[1]
  const text = goTimeString(seconds)
  return fraction === undefined ? text : text.replace(' +', `.${fraction} +`)
}

/**
 * Reads `--since` and `--until` into the form of the Engine API; undefined when empty.
 * @param now milliseconds since the epoch
 * @param problem begins the sentence of the failure
 * @throws CliError for text that is no time
 */
export function timestamp(text: string, now: number, problem = ''): string | undefined {
  if (text === '') return undefined
  try {
    return unixTimestamp(text, BigInt(Math.trunc(now)) * 1_000_000n)
  } catch (thrown) {
    throw new CliError(`${problem}${EngineError.from(thrown).message}`)
  }
}
