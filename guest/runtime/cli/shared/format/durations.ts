/** Durations and times as Go and docker/go-units print and read them. */
import { CliError } from '../cli-error.ts'

const NANOSECONDS: Record<string, number> = {
  ns: 1,
  us: 1e3,
  µs: 1e3,
  μs: 1e3,
  ms: 1e6,
  s: 1e9,
  m: 60e9,
  h: 3600e9,
}

/** Go's time.ParseDuration: `1m30s` → nanoseconds. */
export function parseGoDuration(text: string): number {
  const match = /^([+-]?)((?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+|0)$/.exec(text)
  if (match === null) {
    const quoted = JSON.stringify(text)
    if (/^[+-]?(\d+\.?\d*|\.\d+)$/.test(text)) throw new Error(`time: missing unit in duration ${quoted}`)
    throw new Error(`time: invalid duration ${quoted}`)
  }
  let total = 0
  for (const [, number, unit] of match[2]!.matchAll(/(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h)/g)) {
    total += Number(number) * NANOSECONDS[unit!]!
  }
  return Math.round(total) * (match[1] === '-' ? -1 : 1)
}

/** `units.HumanDuration` of milliseconds: `3 seconds`, `About a minute`, `2 hours`. */
export function humanDuration(milliseconds: number): string {
  const seconds = Math.trunc(milliseconds / 1000)
  if (seconds < 1) return 'Less than a second'
  if (seconds === 1) return '1 second'
  if (seconds < 60) return `${seconds} seconds`
  const minutes = Math.trunc(milliseconds / 60_000)
  if (minutes === 1) return 'About a minute'
  if (minutes < 60) return `${minutes} minutes`
  const hours = Math.trunc(milliseconds / 3_600_000 + 0.5)
  if (hours === 1) return 'About an hour'
  if (hours < 48) return `${hours} hours`
  if (hours < 24 * 7 * 2) return `${Math.trunc(hours / 24)} days`
  if (hours < 24 * 30 * 2) return `${Math.trunc(hours / 24 / 7)} weeks`
  if (hours < 24 * 365 * 2) return `${Math.trunc(hours / 24 / 30)} months`
  return `${Math.trunc(hours / 24 / 365)} years`
}

const pad = (value: number, digits = 2): string => String(value).padStart(digits, '0')

/** Go's time.Time.String() in UTC, which is the guest's zone: `2024-05-01 10:00:00 +0000 UTC`. */
export function goTimeString(seconds: number): string {
  const date = new Date(seconds * 1000)
  const day = `${date.getUTCFullYear()}-${pad(date.getUTCMonth() + 1)}-${pad(date.getUTCDate())}`
  return `${day} ${pad(date.getUTCHours())}:${pad(date.getUTCMinutes())}:${pad(date.getUTCSeconds())} +0000 UTC`
}

/** RFC 3339 with nine digits in UTC, as `docker events` prints times. */
export function rfc3339Nano(seconds: number, nanoseconds: number): string {
  const base = new Date(seconds * 1000).toISOString().slice(0, 19)
  return `${base}.${pad(nanoseconds, 9)}Z`
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat']

/** Go's time.ANSIC, as `docker version` prints build times: `Fri May 30 12:07:14 2025`. */
export function ansiTime(text: string): string {
  const date = new Date(text)
  if (Number.isNaN(date.getTime())) return text
  const time = `${pad(date.getUTCHours())}:${pad(date.getUTCMinutes())}:${pad(date.getUTCSeconds())}`
  const day = String(date.getUTCDate()).padStart(2, ' ')
  return `${DAYS[date.getUTCDay()]} ${MONTHS[date.getUTCMonth()]} ${day} ${time} ${date.getUTCFullYear()}`
}

/** Go's time.Time.String() of an RFC 3339 time in UTC, with the fraction as far as it goes. */
export function goTimestamp(rfc3339: string): string {
  const seconds = Math.floor(Date.parse(rfc3339) / 1000)
  if (Number.isNaN(seconds)) return rfc3339
  const fraction = /\.(\d*[1-9])0*(?:Z|[+-])/.exec(rfc3339)?.[1]
  const text = goTimeString(seconds)
  return fraction === undefined ? text : text.replace(' +', `.${fraction} +`)
}

const DATE = /^(\d{4}-\d{2}-\d{2})(?:T(\d{2}(?::\d{2}){0,2})(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?$/

/**
 * `--since` and `--until` as the Engine API takes them: seconds since the epoch. A duration counts back from `now`, a
 * date in part is completed, a number passes; undefined when empty (moby api/types/time, GetTimestamp).
 * @param problem begins the sentence of the failure
 * @throws CliError for anything else
 */
export function timestamp(text: string, now: number, problem = ''): string | undefined {
  if (text === '') return undefined
  if (/^\d+(\.\d+)?$/.test(text)) return text
  const date = DATE.exec(text)
  const since = (duration: string) => String(Math.floor((now - parseGoDuration(duration) / 1e6) / 1000))
  const value = readable(() => (date === null ? since(text) : secondsOf(date)))
  if (value === undefined)
    throw new CliError(`${problem}failed to parse value as time or duration: ${JSON.stringify(text)}`)
  return value
}

function secondsOf([, day, time = '00', fraction = '', zone = 'Z']: RegExpExecArray): string | undefined {
  const seconds = Date.parse(`${day}T${time}${':00'.repeat(2 - (time.length - 2) / 3)}${zone}`) / 1000
  return Number.isNaN(seconds) ? undefined : `${seconds}.${fraction.slice(1).padEnd(9, '0')}`
}

/** The reason is not told: Docker's sentence has none. */
function readable<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch {
    return undefined
  }
}
