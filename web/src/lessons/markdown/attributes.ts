/** `key=value` pairs of directives and fences; a value with blanks stands in double quotes. */

const PAIR = /^([a-z][a-z-]*)(?:=(?:"([^"]*)"|([^\s"]+)))?(?:\s+|$)/

/** A word without a value maps to the empty text. Undefined for what cannot be read, or names a key twice. */
export function parseAttributes(text: string): Map<string, string> | undefined {
  const attributes = new Map<string, string>()
  let rest = text.trim()
  while (rest !== '') {
    const match = PAIR.exec(rest)
    if (!match || attributes.has(match[1]!)) return undefined
    attributes.set(match[1]!, match[2] ?? match[3] ?? '')
    rest = rest.slice(match[0].length)
  }
  return attributes
}
