/** Splits a command in one string as mattn/go-shellwords does: quotes and backslashes, no expansion. */

/** @throws Error `invalid command line string` for an open quote or a shell operator outside of quotes */
export function shellWords(line: string): string[] {
  const words: string[] = []
  let word = ''
  let started = false
  let quote = ''
  for (let at = 0; at < line.length; at += 1) {
    const char = line[at]!
    if (char === '\\' && quote !== "'" && at + 1 < line.length) {
      at += 1
      word += line[at] === 't' ? '\t' : line[at] === 'n' ? '\n' : line[at]!
      started = true
    } else if (quote !== '') {
      if (char === quote) quote = ''
      else word += char
    } else if (char === '"' || char === "'") {
      quote = char
      started = true
    } else if (/\s/.test(char)) {
      if (started) words.push(word)
      word = ''
      started = false
    } else if (char === '(' && !word.endsWith('$')) {
      throw new Error('invalid command line string')
    } else if (';&|<>'.includes(char) && !(/^\d$/.test(word) && char === '>')) {
      // A shell would end the command at this character, so the rest is dropped.
      if (started) words.push(word)
      return words
    } else {
      word += char
      started = true
    }
  }
  if (quote !== '') throw new Error('invalid command line string')
  if (started) words.push(word)
  return words
}
