/** One page of another maker's lesson → blocks of a step, and what of it has no place there. */
import { withoutHidden, hiddenCharacter } from '../markdown/hidden-characters.ts'
import { MAX_PROSE_CHARACTERS, parseMarkdown } from '../markdown/parse-markdown.ts'
import type { CodeBlock } from '../markdown/code-block.ts'
import { plainText, type PlainBlock } from '../markdown/tree.ts'
import { HtmlRules } from './html-rules.ts'
import type { ImportReport } from './import-report.ts'
import { LinkRules } from './link-rules.ts'
import { rewriteMarkdown, type Fence, type LineRules } from './markdown-lines.ts'
import { pageTree } from './page-tree.ts'

/** What differs between makers. */
export interface Dialect {
  /** The whole text before it is read; lines must stay where they are. */
  prepare(text: string): string
  /** The words behind our own fence. */
  fence(fence: Fence): string
  /** Lines that stand for a line; undefined for a line that means nothing of its own. */
  line(line: string, at: number): string[] | undefined
  /** Words outside of code. */
  words(words: string, at: number): string
  /** What `{{words}}` behind code means; undefined where it means nothing. */
  action(words: string, code: string, line: number): CodeBlock | undefined
}

export interface PageSource {
  file: string
  text: string
  /** The title that the page has anyway: a heading of the same words at its beginning is left out. */
  title: string
  /** The name under which the lesson shows a picture; undefined for one that is not there. */
  picture(source: string): string | undefined
}

/** Never throws. */
export function importPage(
  { file, text, title, picture }: PageSource,
  dialect: Dialect,
  report: ImportReport,
): PlainBlock[] {
  if (text.length > MAX_PROSE_CHARACTERS) {
    report.add(file, undefined, `${text.length} characters`, 'size')
    return []
  }
  const shown = shownText(file, text, report)
  const html = new HtmlRules(file, report)
  const links = new LinkRules(file, report, picture)
  const rules: LineRules = {
    fence: (fence) => dialect.fence(fence),
    line: (line, at) => {
      const plain = html.withoutComments(line)
      return dialect.line(plain, at) ?? html.folded(plain) ?? [plain]
    },
    get isOutside() {
      return html.isInComment
    },
    words: (words, at) => links.words(html.words(dialect.words(words, at), at), at),
    end: () => html.end(),
  }
  const { text: ours, lineOf } = rewriteMarkdown(dialect.prepare(shown), rules)
  const { blocks, problems } = parseMarkdown(ours)
  for (const { line, message } of problems) report.add(file, lineOf(line), message, 'markdown')
  const tree = pageTree(blocks, {
    action: (words, code, line) => dialect.action(words, code, lineOf(line)),
    tell: (line, what, reason) => report.add(file, lineOf(line), what, reason),
    lineOf,
  })
  return withoutTitle(tree, title)
}

/** Line breaks as ours, and characters that hide what a text says by their names. */
function shownText(file: string, text: string, report: ImportReport): string {
  const plain = text.replace(/^\ufeff/, '').replace(/\r\n?/g, '\n')
  const hidden = hiddenCharacter(plain)
  if (hidden === undefined) return plain
  report.add(file, plain.slice(0, hidden.index).split('\n').length, hidden.name, 'characters')
  return withoutHidden(plain)
}

function withoutTitle(blocks: PlainBlock[], title: string): PlainBlock[] {
  const [first, ...rest] = blocks
  if (first?.kind !== 'heading' || first.level > 2) return blocks
  const same = plainText(first.content).trim().toLowerCase() === title.trim().toLowerCase()
  return first.level === 1 || same ? rest : blocks
}

/** A block of commands as the page runs it. */
export const commandBlock = (text: string, part: Partial<CodeBlock> = {}): CodeBlock => ({
  ...{ language: 'sh', text, run: true, interrupt: false, copy: true, once: false },
  ...{ terminal: undefined, file: undefined, line: undefined, ...part },
})
