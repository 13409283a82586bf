/**
 * Formats as Go's fmt.Sprintf, for the verbs that templates use: v s q d t x X o b c f g e and %%, with width,
 * precision and flags.
 */
import { GoDuration } from './go-types.ts'
import { goString } from './values.ts'

const VERB = /%([-+# 0]*)(\d+)?(?:\.(\d+))?([a-zA-Z%])/g

export function goQuote(text: string): string {
  return JSON.stringify(text)
}

function number(value: unknown, radix: number): string | undefined {
  if (typeof value !== 'number') return undefined
  return value.toString(radix)
}

function convert(
  verb: string,
  value: unknown,
  precision: number | undefined,
  alternate: boolean,
): string | undefined {
  if (value === undefined || value === null) return verb === 'v' ? '<nil>' : undefined
  if (value instanceof GoDuration && verb !== 'v' && verb !== 's') value = value.toJSON()
  switch (verb) {
    case 'v':
      return alternate && typeof value === 'string' ? goQuote(value) : goString(value)
    case 's':
      return typeof value === 'number' || typeof value === 'boolean'
        ? undefined
        : [...goString(value)].slice(0, precision).join('')
    case 'q':
      return typeof value === 'string' ? goQuote(value) : undefined
    case 'd':
      return typeof value === 'number' && Number.isInteger(value) ? String(value) : undefined
    case 't':
      return typeof value === 'boolean' ? String(value) : undefined
    case 'x':
    case 'X': {
      const bytes = typeof value === 'string' ? new TextEncoder().encode(value) : undefined
      const hex =
        bytes?.reduce((text, byte) => text + byte.toString(16).padStart(2, '0'), '') ?? number(value, 16)
      return verb === 'X' ? hex?.toUpperCase() : hex
    }
    case 'o':
      return number(value, 8)
    case 'b':
      return number(value, 2)
    case 'c':
      return typeof value === 'number' ? String.fromCodePoint(value) : undefined
    case 'f':
      return typeof value === 'number' ? value.toFixed(precision ?? 6) : undefined
    case 'e':
    case 'g':
      return typeof value === 'number' ? String(value) : undefined
    default:
      return undefined
  }
}

function goTypeName(value: unknown): string {
  if (typeof value === 'number') return Number.isInteger(value) ? 'int' : 'float64'
  return typeof value === 'boolean' ? 'bool' : typeof value
}

/** Formats the values. A wrong verb prints as in Go: `%!d(string=x)`. */
export function sprintf(format: string, values: readonly unknown[]): string {
  let next = 0
  const text = format.replace(
    VERB,
    (_, flags: string, width: string | undefined, precision: string | undefined, verb) => {
      if (verb === '%') return '%'
      if (next >= values.length) return `%!${verb}(MISSING)`
      const value = values[next]
      next += 1
      const converted = convert(
        verb as string,
        value,
        precision === undefined ? undefined : Number(precision),
        flags.includes('#'),
      )
      if (converted === undefined)
        return value === undefined || value === null
          ? `%!${verb}(<nil>)`
          : `%!${verb}(${goTypeName(value)}=${goString(value)})`
      const signed =
        flags.includes('+') && typeof value === 'number' && value >= 0 ? `+${converted}` : converted
      const columns = Number(width ?? 0)
      if (flags.includes('-')) return signed.padEnd(columns)
      return flags.includes('0') && typeof value === 'number'
        ? signed.padStart(columns, '0')
        : signed.padStart(columns)
    },
  )
  const extra = values.slice(next).map((value) => `${goTypeName(value)}=${goString(value)}`)
  return extra.length === 0 ? text : `${text}%!(EXTRA ${extra.join(', ')})`
}
