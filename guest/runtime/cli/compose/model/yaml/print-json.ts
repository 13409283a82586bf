/** JSON as Go's encoding/json writes it: HTML's characters escaped. */

const escapeHtml = (json: string): string =>
  json.replace(/[<>&\u2028\u2029]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)

export const goJsonText = (value: unknown): string => escapeHtml(JSON.stringify(value))

/** Indented by two spaces. */
export const goJsonIndented = (value: unknown): string => escapeHtml(JSON.stringify(value, null, 2))
