/** Here-documents of RUN, COPY and ADD: `<<EOF`, `<<-EOF`, `<<"EOF"` (BuildKit, frontend/dockerfile/parser). */
import { expandWords, type LexOptions } from './shell-lex.ts'

export interface Heredoc {
  /** The word that ends it. */
  name: string
  /** Variables in the content are expanded, because no part of the word was quoted. */
  expand: boolean
  /** Leading tabs are removed, because the word began with `<<-`. */
  chomp: boolean
  content: string
}

const HEREDOC = /^(\d*)<<(-?)\s*([^<]*)$/
const NO_VARIABLES: ReadonlyMap<string, string> = new Map()
const WORD: LexOptions = { escape: '\\', skipUnset: true }

const quotesIn = (text: string) => text.replace(/[^'"]/g, '').length

/** The here-document that a word opens, its content still empty; undefined when the word opens none. Throws `invalid`. */
export function parseHeredoc(word: string): Heredoc | undefined {
  const [, , dash = '', rest = ''] = HEREDOC.exec(word) ?? []
  if (rest === '') return undefined
  const names = expandWords(rest, NO_VARIABLES, WORD)
  if (names.length !== 1) return undefined
  const [raw = ''] = expandWords(rest, NO_VARIABLES, { ...WORD, rawQuotes: true })
  const name = names[0]!
  return { name, expand: quotesIn(name) === quotesIn(raw), chomp: dash === '-', content: '' }
}

export function heredocsOf(line: string): Heredoc[] {
  let words: string[]
  try {
    words = expandWords(line, NO_VARIABLES, { ...WORD, rawQuotes: true, rawEscapes: true })
  } catch {
    // A line that the lexer can't take apart, such as one with a lone quote for the shell, opens no here-document, as
    // in BuildKit.
    return []
  }
  return words.map(parseHeredoc).filter((heredoc) => heredoc !== undefined)
}

export const chompTabs = (content: string): string => content.replace(/^\t+/gm, '')

/** The text that the instruction gets. */
export const heredocData = ({ chomp, content }: Heredoc): string => (chomp ? chompTabs(content) : content)
