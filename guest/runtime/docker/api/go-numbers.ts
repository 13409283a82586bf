/** Numbers in requests, read and refused as Go's strconv does. Pure. */

const SYNTAX = 'invalid syntax'
const RANGE = 'value out of range'

export type GoNumber = { value: number } | { error: string }

const LEAST = -(2n ** 63n)
const MOST = 2n ** 63n - 1n

/** strconv.ParseInt(text, 10, 64). */
export function parseInteger(text: string): GoNumber {
  if (!/^[+-]?\d+$/.test(text)) return { error: SYNTAX }
  const value = BigInt(text.replace('+', ''))
  return value < LEAST || value > MOST ? { error: RANGE } : { value: Number(value) }
}

/** strconv.ParseUint(text, 10, 64). */
export function parseUnsigned(text: string): GoNumber {
  if (!/^\d+$/.test(text)) return { error: SYNTAX }
  return BigInt(text) >= 2n ** 64n ? { error: RANGE } : { value: Number(text) }
}

/** A number of at least 0, as httputils.Uint32Value reads it. */
export function parseUint32(text: string): GoNumber {
  if (!/^-?\d+$/.test(text)) return { error: SYNTAX }
  if (text.startsWith('-') || BigInt(text) >= 2n ** 32n) return { error: RANGE }
  return { value: Number(text) }
}

/** strconv.ParseBool. */
export function parseBoolean(text: string): boolean | undefined {
  if (['1', 't', 'T', 'true', 'TRUE', 'True'].includes(text)) return true
  if (['0', 'f', 'F', 'false', 'FALSE', 'False'].includes(text)) return false
  return undefined
}

/** The error of a function of strconv. */
export const parseError = (call: string, text: string, error: string) =>
  `strconv.${call}: parsing ${JSON.stringify(text)}: ${error}`
