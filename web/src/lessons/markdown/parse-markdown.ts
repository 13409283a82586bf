/**
 * Markdown → tree. markdown-it reads it: CommonMark exactly, maintained, safe by default, no dependency on a document, and
 * it gives tokens, of which we make the tree without ever making HTML. So nothing has to be sanitised afterwards: what has
 * no place in the tree is refused, with its line.
 */
import MarkdownIt, { type Token } from 'markdown-it'
import { hiddenCharacter } from './hidden-characters.ts'
import type { PlacedBlock, ProseProblem } from './tree.ts'
import { TokenReader } from './token-reader.ts'

/** Characters; the longest lesson of ours has a tenth of it. */
export const MAX_PROSE_CHARACTERS = 200_000
/** Lists in quotes in lists: deeper ones are no prose. */
const MAX_NESTING = 24
const MAX_TOKENS = 20_000

/** Raw HTML stays text; addresses become links only when the author writes them so. */
const parser = new MarkdownIt('default', {
  html: false,
  linkify: false,
  typographer: false,
  maxNesting: MAX_NESTING,
})
// The tree reader decides about links, and says which one is refused; markdown-it would show its text and say nothing.
parser.validateLink = () => true
parser.normalizeLink = (url) => url

export interface ParsedMarkdown {
  blocks: PlacedBlock[]
  problems: ProseProblem[]
}

/** Never throws: what cannot be shown is a problem. */
export function parseMarkdown(text: string): ParsedMarkdown {
  const refused = refusal(text)
  if (refused !== undefined) return { blocks: [], problems: [refused] }
  // Link definitions, which directives may use too.
  const environment = {}
  const tokens = parser.parse(text, environment)
  if (countTokens(tokens) > MAX_TOKENS) {
    return { blocks: [], problems: [{ line: 1, message: `more than ${MAX_TOKENS} pieces of Markdown` }] }
  }
  const parseInline = (part: string): Token[] =>
    parser.parseInline(part, environment).flatMap(({ children }) => children ?? [])
  return new TokenReader(tokens, parseInline).read()
}

function refusal(text: string): ProseProblem | undefined {
  if (text.length > MAX_PROSE_CHARACTERS)
    return { line: 1, message: `more than ${MAX_PROSE_CHARACTERS} characters` }
  const hidden = hiddenCharacter(text.replaceAll('\r\n', '\n'))
  if (hidden === undefined) return undefined
  const line = text.replaceAll('\r\n', '\n').slice(0, hidden.index).split('\n').length
  return { line, message: `the character ${hidden.name} does not show what it does` }
}

const countTokens = (tokens: readonly Token[]): number =>
  tokens.reduce((sum, { children }) => sum + 1 + (children?.length ?? 0), 0)
