/** Blocks: markdown-it's flat tokens → a tree with lines, and what was refused on the way. */
import type { Token } from 'markdown-it'
import { parseAttributes } from './attributes.ts'
import { parseCodeBlock } from './code-block.ts'
import { readInline } from './inline-reader.ts'
import type { Directive, Inline, PlacedBlock, PlainBlock, ProseProblem } from './tree.ts'

/** Tokens of inline Markdown, for the words behind a directive. */
export type ParseInline = (text: string) => Token[]

const DIRECTIVE = /^::([a-z]+)\{([^{}\n]*)\}(.*)$/s
const HEADING_ID = /\{#([a-z0-9][a-z0-9-]{0,63})\}$/

export class TokenReader {
  readonly #tokens: readonly Token[]
  readonly #parseInline: ParseInline
  readonly #problems: ProseProblem[] = []
  #at = 0
  /** The line of the block that is being read; tokens inside of tables have none of their own. */
  #line = 1

  constructor(tokens: readonly Token[], parseInline: ParseInline) {
    this.#tokens = tokens
    this.#parseInline = parseInline
  }

  read(): { blocks: PlacedBlock[]; problems: ProseProblem[] } {
    const blocks: PlacedBlock[] = []
    while (this.#at < this.#tokens.length) {
      const line = this.#lineOf(this.#tokens[this.#at]!)
      const block = this.#isAtDirective() ? this.#directive() : this.#block()
      if (block !== undefined) blocks.push({ ...block, line })
    }
    return { blocks, problems: this.#problems }
  }

  /** Reads the block that begins here, to behind its end. */
  #block(): PlainBlock | undefined {
    const token = this.#tokens[this.#at++]!
    this.#line = this.#lineOf(token)
    switch (token.type) {
      case 'paragraph_open':
        return { kind: 'paragraph', content: this.#inlineUntil('paragraph_close') }
      case 'heading_open':
        return this.#heading(Number(token.tag.slice(1)))
      case 'fence':
        return this.#code(token.info, token.content)
      case 'code_block':
        return this.#code('', token.content)
      case 'blockquote_open':
        return { kind: 'quote', content: this.#blocksUntil('blockquote_close') }
      case 'bullet_list_open':
        return { kind: 'list', ordered: false, start: 1, items: this.#items('bullet_list_close') }
      case 'ordered_list_open': {
        const start = Number(token.attrs?.find(([key]) => key === 'start')?.[1] ?? 1)
        return { kind: 'list', ordered: true, start, items: this.#items('ordered_list_close') }
      }
      case 'table_open':
        return this.#table()
      case 'hr':
        return { kind: 'rule' }
      default:
        this.#refuse(`“${token.type}” has no place in a lesson`)
        return undefined
    }
  }

  #isAtDirective(): boolean {
    const [open, inline] = [this.#tokens[this.#at]!, this.#tokens[this.#at + 1]]
    return open.type === 'paragraph_open' && inline?.content.startsWith('::') === true
  }

  #directive(): Directive | undefined {
    const [open, inline] = [this.#tokens[this.#at]!, this.#tokens[this.#at + 1]!]
    this.#at += 3
    this.#line = this.#lineOf(open)
    const [, name, given, text] = DIRECTIVE.exec(inline.content) ?? []
    const attributes = given === undefined ? undefined : parseAttributes(given)
    if (attributes === undefined) {
      this.#refuse(`“${inline.content.slice(0, 60)}” cannot be read: ::name{key=value} text`)
      return undefined
    }
    return {
      kind: 'directive',
      name: name!,
      attributes,
      content: this.#inline(this.#parseInline(text!.trim())),
    }
  }

  #heading(level: number): PlainBlock {
    const content = this.#inlineUntil('heading_close')
    const last = content.at(-1)
    const match = last?.kind === 'text' ? HEADING_ID.exec(last.text) : null
    if (last?.kind !== 'text' || !match) return { kind: 'heading', level, id: undefined, content }
    const text = last.text.slice(0, match.index).trimEnd()
    const words: Inline[] =
      text === '' ? content.slice(0, -1) : [...content.slice(0, -1), { kind: 'text', text }]
    return { kind: 'heading', level, id: match[1], content: words }
  }

  #code(info: string, content: string): PlainBlock | undefined {
    const code = parseCodeBlock(info, content, this.#line)
    if (typeof code !== 'string') return { kind: 'code', code }
    this.#refuse(code)
    return undefined
  }

  #items(close: string): PlainBlock[][] {
    const items: PlainBlock[][] = []
    while (!this.#took(close)) {
      this.#at++ // list_item_open
      items.push(this.#blocksUntil('list_item_close'))
    }
    return items
  }

  #blocksUntil(close: string): PlainBlock[] {
    const blocks: PlainBlock[] = []
    while (!this.#took(close)) {
      const block = this.#block()
      if (block !== undefined) blocks.push(block)
    }
    return blocks
  }

  #table(): PlainBlock {
    const rows: Inline[][][] = []
    while (!this.#took('table_close')) {
      const { type, children } = this.#tokens[this.#at++]!
      if (type === 'tr_open') rows.push([])
      else if (type === 'inline') rows.at(-1)!.push(this.#inline(children ?? []))
    }
    const [head = [], ...body] = rows
    return { kind: 'table', head, rows: body }
  }

  /** Whether the token here is of this type or there is none, which is passed over then. */
  #took(type: string): boolean {
    const token = this.#tokens[this.#at]
    if (token !== undefined && token.type !== type) return false
    this.#at++
    return true
  }

  #inlineUntil(close: string): Inline[] {
    const content: Inline[] = []
    while (!this.#took(close)) content.push(...this.#inline(this.#tokens[this.#at++]!.children ?? []))
    return content
  }

  #inline(tokens: readonly Token[]): Inline[] {
    const { content, problems } = readInline(tokens)
    for (const problem of problems) this.#refuse(problem)
    return content
  }

  #lineOf({ map }: Token): number {
    return map === null ? this.#line : map[0] + 1
  }

  #refuse(message: string): void {
    this.#problems.push({ line: this.#line, message })
  }
}
