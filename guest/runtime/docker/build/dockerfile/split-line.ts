/** Splits one logical line of a Dockerfile into instruction, flags and words. Quotes stay: the expansion takes them off. */
const WHITESPACE = /[\t\v\f\r ]+/

/** Splits at the first white space; the second part is undefined when there is none. */
export function splitOnce(text: string): [string, string | undefined] {
  const match = WHITESPACE.exec(text)
  return match ? [text.slice(0, match.index), text.slice(match.index + match[0].length)] : [text, undefined]
}

export const splitWhitespace = (text: string): string[] => (text === '' ? [] : text.split(WHITESPACE))

const isSpace = (character: string) => /\s/.test(character)

export interface SplitLine {
  name: string
  /** Flags with their dashes, without quotes. */
  flags: string[]
  rest: string
}

export function splitLine(line: string, escape: string): SplitLine {
  const [name, more] = splitOnce(line.trim())
  if (more === undefined) return { name, flags: [], rest: '' }
  const { flags, rest } = takeFlags(more, escape)
  return { name, flags, rest: rest.trim() }
}

/** Takes `--name=value …` from the beginning; `--` ends the flags. */
function takeFlags(text: string, escape: string): { flags: string[]; rest: string } {
  const flags: string[] = []
  let at = 0
  for (;;) {
    while (at < text.length && isSpace(text[at]!)) at++
    if (!text.startsWith('--', at)) return { flags, rest: text.slice(at) }
    const { word, end } = takeFlag(text, at, escape)
    at = end
    if (word === '--') return { flags, rest: text.slice(at) }
    flags.push(word)
  }
}

function takeFlag(text: string, start: number, escape: string): { word: string; end: number } {
  let word = ''
  let quoteMark = ''
  let at = start
  for (; at < text.length; at++) {
    let character = text[at]!
    if (quoteMark === '' && isSpace(character)) break
    if (character === quoteMark) quoteMark = ''
    else if (quoteMark === '' && (character === '"' || character === "'")) quoteMark = character
    else {
      if (character === escape) {
        if (at + 1 === text.length) continue
        character = text[++at]!
      }
      word += character
    }
  }
  return { word, end: at }
}

/** Splits into words, which keep their quotes and escapes. */
export function splitWords(text: string, escape: string): string[] {
  const words: string[] = []
  const characters = [...text]
  let word = ''
  let quoteMark = ''
  const end = () => {
    if (word !== '') words.push(word)
    word = ''
  }
  for (let at = 0; at < characters.length; at++) {
    const character = characters[at]!
    if (quoteMark === '' && isSpace(character)) end()
    else if (character === escape && quoteMark !== "'") {
      // An escape at the end of the line is dropped; elsewhere the character after it is no quote.
      if (at + 1 < characters.length) word += character + characters[++at]!
    } else {
      if (character === quoteMark) quoteMark = ''
      else if (quoteMark === '' && (character === '"' || character === "'")) quoteMark = character
      word += character
    }
  }
  end()
  return words
}
