/** Prints JSON as Go's encoding/json does: HTML's characters escaped, integers with all their digits. */

const escapeHtml = (json: string): string =>
  json.replace(/[<>&\u2028\u2029]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)

/**
 * JSON.stringify cannot write a bigint: it is written as a string with a prefix that no other string has, and `bare`
 * removes prefix and quotes.
 */
const asText = (_key: string, value: unknown): unknown =>
  typeof value === 'bigint' ? `\0bigint ${value}` : value

const bare = (json: string): string => json.replace(/"\\u0000bigint (-?\d+)"/g, '$1')

export const goJsonText = (value: unknown): string => escapeHtml(bare(JSON.stringify(value, asText)))

/** Prints JSON that is indented by two spaces. */
export const goJsonIndented = (value: unknown): string => escapeHtml(bare(JSON.stringify(value, asText, 2)))
