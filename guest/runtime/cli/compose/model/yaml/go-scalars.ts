/** Reads numbers and times of plain scalars as go-yaml v3 does (its resolve.go), and prints them as Go does. */

/** Prints a float64 as Go's fmt.Sprint does: with an exponent below 1e-4 and from 1e+06 on. */
function floatText(value: number): string {
  if (Number.isNaN(value)) return 'NaN'
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf'
  const [mantissa, exponent] = value.toExponential().split('e') as [string, string]
  const power = Number(exponent)
  if (power >= -4 && power < 6) return Object.is(value, -0) ? '-0' : String(value)
  return `${mantissa}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`
}

/** A float64. JavaScript's number does not tell 1 from 1.0, which Go prints differently. */
export class GoFloat {
  readonly value: number

  constructor(value: number) {
    this.value = value
  }

  toString(): string {
    return floatText(this.value)
  }

  valueOf(): number {
    return this.value
  }

  toJSON(): number {
    return this.value
  }
}

const INTEGER = /^([-+]?)(0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO][0-7]+|0[0-7]*|[1-9][0-9]*)$/
const FLOAT = /^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$/

/** Reads Go's int64, or uint64 without a sign; undefined for a number beyond them. */
function goInteger(text: string): number | bigint | undefined {
  const [, sign, digits] = INTEGER.exec(text) ?? []
  if (digits === undefined) return undefined
  const magnitude = BigInt(/^0[0-7]/.test(digits) ? `0o${digits.slice(1)}` : digits)
  const value = sign === '-' ? -magnitude : magnitude
  const largest = sign === '' ? 2n ** 64n : 2n ** 63n
  if (value >= largest || value < -(2n ** 63n)) return undefined
  return Number.isSafeInteger(Number(value)) ? Number(value) : value
}

function goFloat(text: string): GoFloat | undefined {
  const value = FLOAT.test(text) ? Number(text) : NaN
  // A number beyond float64 stays text.
  return Number.isFinite(value) ? new GoFloat(value) : undefined
}

/** Reads a number; an integer is a bigint where a number would lose digits. undefined: the text is no number. */
export function goNumber(text: string): number | bigint | GoFloat | undefined {
  if (text.startsWith('.')) return goFloat(text)
  if (!/^[-+0-9]/.test(text)) return undefined
  const plain = text.replaceAll('_', '')
  return goInteger(plain) ?? goFloat(plain)
}

const TIME =
  /^(\d{4})-(\d{1,2})-(\d{1,2})(?:(?:[Tt](\d{1,2}):(\d{1,2}):(\d{1,2})(\.\d+)?(Z|[-+]\d\d:\d\d))|(?: (\d{1,2}):(\d{1,2}):(\d{1,2})(\.\d+)?))?$/

const two = (text: string): string => text.padStart(2, '0')

/** The time as Go's time.Time.String prints it, in a place whose zone is UTC; undefined when the text is no time. */
export function goTime(text: string): string | undefined {
  const match = TIME.exec(text)
  if (match === null) return undefined
  const [, year, month, day] = match as unknown as [string, string, string, string]
  const [hour, minute, second, fraction, zone = 'Z'] =
    match[4] === undefined ? match.slice(9) : match.slice(4)
  const date = `${year}-${two(month)}-${two(day)}`
  const time = [hour, minute, second].map((part) => two(part ?? '0')).join(':')
  const at = new Date(`${date}T${time}Z`)
  // Date carries a 30th of February over into March.
  if (Number.isNaN(at.getTime()) || at.getUTCDate() !== Number(day)) return undefined
  const parts = fraction?.slice(0, 10).replace(/\.?0+$/, '') ?? ''
  const offset = /^Z$|00:00$/.test(zone) ? '+0000 UTC' : `${zone.replace(':', '')} ${zone.replace(':', '')}`
  return `${date} ${time}${parts} ${offset}`
}
