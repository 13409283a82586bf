/** Text as Go's %q prints it: Docker's messages and history are full of it. */
const NAMED: Record<string, string> = {
  '\x07': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
  '"': '\\"',
  '\\': '\\\\',
}

const hex = (character: string) => character.charCodeAt(0).toString(16).padStart(2, '0')

/** Go's strconv.Quote. */
export const quote = (text: string): string =>
  `"${text.replace(/[\x00-\x1f\x7f"\\]/g, (character) => NAMED[character] ?? `\\x${hex(character)}`)}"`

/** A slice of strings under %q: `["a" "b"]`. */
export const quoteAll = (texts: readonly string[]): string => `[${texts.map(quote).join(' ')}]`
