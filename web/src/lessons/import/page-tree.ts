/** The tree of an imported page: links of the machine itself, parts that fold, and commands in the midst of words. */
import type { CodeBlock } from '../markdown/code-block.ts'
import type { Inline, PlacedBlock, PlainBlock } from '../markdown/tree.ts'
import type { Reason } from '../format/unsupported.ts'

export interface TreeRules {
  /** What `{{…}}` behind code means: a block to be run, or nothing but the code. Undefined where it means nothing. */
  action(words: string, code: string, line: number): CodeBlock | undefined
  tell(line: number, what: string, reason: Reason): void
  /** The line of the source for a line of the text that was read, both from 1. */
  lineOf(line: number): number
}

const LOCAL = /^https?:\/\/(?:localhost|127\.0\.0\.1|0\.0\.0\.0)(?::(\d{1,5}))?(?:[/?#]|$)/i
const ACTION = /^\s?\{\{([^{}]{0,80})\}\}/
const MAX_FOLDS = 8

/** Blocks of the outermost level → those of a step. */
export function pageTree(placed: readonly PlacedBlock[], rules: TreeRules): PlainBlock[] {
  const open: PlainBlock[][] = [[]]
  for (const block of placed) {
    const into = open.at(-1)!
    if (block.kind === 'directive') {
      if (block.name !== 'fold') rules.tell(block.line, `::${block.name}`, 'markdown')
      else if (block.attributes.has('end')) {
        if (open.length > 1) open.pop()
      } else if (open.length < MAX_FOLDS) {
        const content: PlainBlock[] = []
        into.push({ kind: 'folded', summary: block.content, content })
        open.push(content)
      }
      continue
    }
    const { line, ...plain } = block
    into.push(...new PageTree(rules, line).blocks([plain]))
  }
  return open[0]!
}

class PageTree {
  readonly #rules: TreeRules
  readonly #line: number

  constructor(rules: TreeRules, line: number) {
    this.#rules = rules
    this.#line = line
  }

  blocks(blocks: readonly PlainBlock[]): PlainBlock[] {
    return blocks.flatMap((block) => this.#block(block))
  }

  #block(block: PlainBlock): PlainBlock[] {
    switch (block.kind) {
      case 'paragraph':
        return this.#paragraph(block.content)
      case 'heading':
        return [{ ...block, content: this.#inlines(block.content, this.#inPlace) }]
      case 'quote':
        return [{ ...block, content: this.blocks(block.content) }]
      case 'folded':
        return [{ ...block, content: this.blocks(block.content) }]
      case 'list':
        return [{ ...block, items: block.items.map((item) => this.blocks(item)) }]
      case 'table': {
        const cells = (row: Inline[][]): Inline[][] => row.map((cell) => this.#inlines(cell, this.#inPlace))
        return [{ ...block, head: cells(block.head), rows: block.rows.map(cells) }]
      }
      case 'code': {
        const { line } = block.code
        return [{ kind: 'code', code: { ...block.code, line: line && this.#rules.lineOf(line) } }]
      }
      case 'rule':
        return [block]
    }
  }

  #paragraph(given: readonly Inline[]): PlainBlock[] {
    const commands: CodeBlock[] = []
    const content = this.#inlines(given, (code) => commands.push(code))
    const [only] = content.filter((inline) => inline.kind !== 'text' || inline.text.trim() !== '')
    // A paragraph of a command alone is that command.
    const isCommand = commands.length === 1 && only?.kind === 'code' && only.text === commands[0]!.text
    const rest = content.filter((inline) => inline !== only && !isBlank(inline))
    const blocks = commands.map((code): PlainBlock => ({ kind: 'code', code }))
    return isCommand && rest.length === 0 ? blocks : [{ kind: 'paragraph', content }, ...blocks]
  }

  readonly #inPlace = (code: CodeBlock): void => this.#rules.tell(this.#line, code.text, 'place')

  #inlines(given: readonly Inline[], onCommand: (code: CodeBlock) => void): Inline[] {
    const out: Inline[] = []
    for (const inline of given) {
      const before = out.at(-1)
      if (inline.kind === 'text' && before?.kind === 'code') {
        const match = ACTION.exec(inline.text)
        const command = match ? this.#rules.action(match[1]!, before.text, this.#line) : undefined
        if (command?.run) onCommand(command)
        const text = command === undefined ? inline.text : inline.text.slice(match![0].length)
        if (text !== '') out.push({ kind: 'text', text })
      } else out.push(...this.#inline(inline, onCommand))
    }
    return out
  }

  #inline(inline: Inline, onCommand: (code: CodeBlock) => void): Inline[] {
    if (!('content' in inline)) return [inline]
    const content = this.#inlines(inline.content, onCommand)
    if (inline.kind !== 'link') return [{ ...inline, content }]
    const { target } = inline
    if (target.kind !== 'web') {
      // Places of the page that the other maker's text cannot mean.
      this.#rules.tell(this.#line, JSON.stringify(target), 'link')
      return content
    }
    const local = LOCAL.exec(target.url)
    if (!local) return [{ ...inline, content }]
    return [
      { kind: 'link', content, target: { kind: 'panel', panel: 'preview', item: local[1], tab: undefined } },
    ]
  }
}

const isBlank = (inline: Inline): boolean =>
  inline.kind === 'break' || (inline.kind === 'text' && inline.text.trim() === '')
