/** Parses and prints sizes as docker/go-units does. */
const DECIMAL = ['B', 'kB', 'MB', 'GB', 'TB', 'PB', 'EB', 'ZB', 'YB']
const BINARY = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB', 'ZiB', 'YiB']

/**
 * Prints a number as Go's `%.<precision>g` does: significant digits without trailing zeros, exponent form from
 * 10^precision on.
 */
export function formatSignificant(value: number, precision: number): string {
  if (value === 0) return '0'
  const [mantissa, exponentText] = value.toExponential(precision - 1).split('e') as [string, string]
  const exponent = Number(exponentText)
  const trimmed = mantissa.includes('.') ? mantissa.replace(/\.?0+$/, '') : mantissa
  if (exponent < -4 || exponent >= precision) {
    return `${trimmed}e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`
  }
  const fixed = value.toFixed(Math.max(0, precision - 1 - exponent))
  return fixed.includes('.') ? fixed.replace(/\.?0+$/, '') : fixed
}

function scaled(size: number, base: number, units: readonly string[], precision: number): string {
  let unit = 0
  while (size >= base && unit < units.length - 1) {
    size /= base
    unit += 1
  }
  return formatSignificant(size, precision) + units[unit]!
}

/** Prints a size as `units.HumanSize` does: powers of 1000, four significant digits unless told. */
export const humanSize = (bytes: number, precision = 4): string => scaled(bytes, 1000, DECIMAL, precision)

/** Prints a size as `units.BytesSize` does: powers of 1024. */
export const bytesSize = (bytes: number): string => scaled(bytes, 1024, BINARY, 4)

/** Parses a size as `units.RAMInBytes` does: `32m`, `1.5 GiB`, `100b` → bytes. */
export function parseRamSize(text: string): number {
  let last = text.length - 1
  while (last >= 0 && !'0123456789. '.includes(text[last]!)) last -= 1
  if (last < 0) throw new Error(`invalid size: '${text}'`)
  const number = text.slice(0, text[last] === ' ' ? last : last + 1)
  const suffix = text.slice(last + 1).toLowerCase()
  if (!/^[+-]?(\d+\.?\d*|\.\d+)$/.test(number)) {
    throw new Error(`strconv.ParseFloat: parsing ${JSON.stringify(number)}: invalid syntax`)
  }
  const size = Number(number)
  if (size < 0) throw new Error(`invalid size: '${text}'`)
  if (suffix === '' || suffix === 'b') return Math.trunc(size)
  const power = 'kmgtp'.indexOf(suffix[0]!) + 1
  if (power === 0 || !['', 'b', 'ib'].includes(suffix.slice(1))) throw new Error(`invalid size: '${text}'`)
  return Math.trunc(size * 1024 ** power)
}
