/** As Go's json.MarshalIndent writes: what HTML could take for its own is escaped. @param indent a tab, or so many spaces; 0 for one line */
export function jsonText(value: unknown, indent: string | number): string {
  return JSON.stringify(value, null, indent).replace(
    /[<>&\u2028\u2029]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
