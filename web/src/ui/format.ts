import type { Locale } from '../i18n/catalogue.ts'

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const

/** Binary units, three significant digits: `33.5 MiB`. */
export function formatBytes(bytes: number, locale: Locale): string {
  let value = Math.max(0, bytes)
  let unit = 0
  while (value >= 1023.5 && unit < UNITS.length - 1) {
    value /= 1024
    unit += 1
  }
  const digits = unit === 0 || value >= 100 ? 0 : value >= 10 ? 1 : 2
  return `${new Intl.NumberFormat(locale, { maximumFractionDigits: digits }).format(value)} ${UNITS[unit]}`
}

/** 12.3 → `12.3 %`. */
export function formatPercent(percent: number, locale: Locale): string {
  return new Intl.NumberFormat(locale, {
    style: 'percent',
    maximumFractionDigits: percent < 10 ? 1 : 0,
  }).format(percent / 100)
}

/** The first twelve digits, as Docker shows ids and digests. */
export function shortId(id: string): string {
  return id.replace(/^sha256:/, '').slice(0, 12)
}

/** 1_234_567 → `1.23 ms`. */
export function formatNanoseconds(nanoseconds: number, locale: Locale): string {
  const [value, unit] =
    nanoseconds < 1e3
      ? [nanoseconds, 'ns']
      : nanoseconds < 1e6
        ? [nanoseconds / 1e3, 'µs']
        : nanoseconds < 1e9
          ? [nanoseconds / 1e6, 'ms']
          : [nanoseconds / 1e9, 's']
  return `${new Intl.NumberFormat(locale, { maximumSignificantDigits: 3 }).format(value as number)} ${unit}`
}

const DURATION_UNITS = [
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
  ['second', 1],
] as const

/** The duration in the largest unit that fits: `3 minutes`, `3分钟`. */
export function formatDuration(milliseconds: number, locale: Locale): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000))
  const [unit, size] = DURATION_UNITS.find(([, size]) => seconds >= size) ?? (['second', 1] as const)
  return new Intl.NumberFormat(locale, { style: 'unit', unit, unitDisplay: 'long' }).format(
    Math.floor(seconds / size),
  )
}

/** The time of a day, `14:03`, with the date when it is another day than `now`. Both are milliseconds since 1970. */
export function formatMoment(time: number, now: number, locale: Locale): string {
  const isToday = new Date(time).toDateString() === new Date(now).toDateString()
  const date = { month: 'short', day: 'numeric' } as const
  return new Intl.DateTimeFormat(locale, {
    ...(!isToday && date),
    ...{ hour: '2-digit', minute: '2-digit', hourCycle: 'h23' },
  }).format(time)
}
