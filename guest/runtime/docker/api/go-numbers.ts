/** Reads numbers in requests, and refuses them, as Go's strconv does. Pure. */

const SYNTAX = 'invalid syntax'
const RANGE = 'value out of range'

export type GoNumber = { value: number } | { error: string }

const LEAST = -(2n ** 63n)
const MOST = 2n ** 63n - 1n

/** Reads a number as strconv.ParseInt(text, 10, 64) does. */
export function parseInteger(text: string): GoNumber {
  if (!/^[+-]?\d+$/.test(text)) return { error: SYNTAX }
  const value = BigInt(text.replace('+', ''))
  return value < LEAST || value > MOST ? { error: RANGE } : { value: Number(value) }
}

/** Reads a number as strconv.ParseUint(text, 10, 64) does. */
export function parseUnsigned(text: string): GoNumber {
  if (!/^\d+$/.test(text)) return { error: SYNTAX }
  return BigInt(text) >= 2n ** 64n ? { error: RANGE } : { value: Number(text) }
}

/** Reads a number of at least 0, as httputils.Uint32Value does. */
export function parseUint32(text: string): GoNumber {
  if (!/^-?\d+$/.test(text)) return { error: SYNTAX }
  if (text.startsWith('-') || BigInt(text) >= 2n ** 32n) return { error: RANGE }
  return { value: Number(text) }
}

/** The sentence of an error that a function of strconv returns; `call` is the function's name. */
export const parseError = (call: string, text: string, error: string) =>
  `strconv.${call}: parsing ${JSON.stringify(text)}: ${error}`
