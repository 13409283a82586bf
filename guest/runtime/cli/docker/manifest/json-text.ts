/**
 * Writes JSON as Go's json.MarshalIndent does, which escapes `<`, `>` and `&`. @param indent a tab, or a number of
 * spaces; 0 for one line
 */
export function jsonText(value: unknown, indent: string | number): string {
  return JSON.stringify(value, null, indent).replace(
    /[<>&\u2028\u2029]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
