/** Prints JSON as Go's encoding/json does: HTML's characters escaped, integers with all their digits, maps by their keys. */
import { GoFloat } from './go-scalars.ts'
import { byText } from './tree.ts'

const escapeHtml = (json: string): string =>
  json.replace(/[<>&\u2028\u2029]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)

/**
 * The keys in the order of the object, which is Go's for structs and for maps that were sorted. An object with a whole
 * number among its keys is a map whose order JavaScript changed, since it puts such keys first, by their value.
 */
function keysInOrder(value: object): string[] {
  const keys = Object.keys(value)
  return /^\d/.test(keys[0] ?? '') ? keys.sort(byText) : keys
}

/** `separator` stands before each member: nothing, or a new line with the indentation. */
function print(value: unknown, separator: string, step: string): string | undefined {
  if (typeof value === 'bigint') return String(value)
  if (typeof value !== 'object' || value === null || value instanceof GoFloat) return JSON.stringify(value)
  const inner = separator + step
  const members = Array.isArray(value)
    ? value.map((item: unknown) => print(item, inner, step) ?? 'null')
    : keysInOrder(value).flatMap((key) => {
        const text = print((value as Record<string, unknown>)[key], inner, step)
        return text === undefined ? [] : [`${JSON.stringify(key)}:${step === '' ? '' : ' '}${text}`]
      })
  const [open, close] = Array.isArray(value) ? '[]' : '{}'
  if (members.length === 0) return `${open}${close}`
  return `${open}${members.map((member) => inner + member).join(',')}${separator}${close}`
}

export const goJsonText = (value: unknown): string => escapeHtml(print(value, '', '') ?? 'null')

/** Prints JSON that is indented by two spaces. */
export const goJsonIndented = (value: unknown): string => escapeHtml(print(value, '\n', '  ') ?? 'null')
