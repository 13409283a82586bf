/**
 * A lesson's prose as a tree of what the page can draw. There is no HTML in it anywhere: the page makes elements of it and
 * puts every text in as text, so that nothing a lesson says can become markup or a script.
 */
import type { CodeBlock } from './code-block.ts'
import type { LinkTarget } from './link-target.ts'

export type Inline =
  | { kind: 'text' | 'code'; text: string }
  | { kind: 'emphasis' | 'strong' | 'strike'; content: Inline[] }
  | { kind: 'link'; target: LinkTarget; content: Inline[] }
  /** `path` is relative to the lesson's folder. */
  | { kind: 'image'; path: string; alternative: string }
  | { kind: 'break' }

/** `::name{key=value} text`: a paragraph that stands for something of the lesson. */
export interface Directive {
  kind: 'directive'
  name: string
  attributes: ReadonlyMap<string, string>
  content: Inline[]
}

export type PlainBlock =
  | { kind: 'paragraph'; content: Inline[] }
  | { kind: 'code'; code: CodeBlock }
  | { kind: 'quote'; content: PlainBlock[] }
  | { kind: 'list'; ordered: boolean; start: number; items: PlainBlock[][] }
  | { kind: 'table'; head: Inline[][]; rows: Inline[][][] }
  | { kind: 'heading'; level: number; id: string | undefined; content: Inline[] }
  | { kind: 'rule' }
  /** A part that is opened by a click; only imported lessons have it. */
  | { kind: 'folded'; summary: Inline[]; content: PlainBlock[] }

/** A block of the document's outermost level, with the line of the file in which it begins, from 1. */
export type PlacedBlock = (PlainBlock | Directive) & { line: number }

/** What is wrong with a file, and where. */
export interface ProseProblem {
  /** From 1. */
  line: number
  message: string
}

/** The words of a piece of prose without their form, for titles, `aria-label`s and lists. */
export function plainText(content: readonly Inline[]): string {
  return content
    .map((inline) => {
      switch (inline.kind) {
        case 'text':
        case 'code':
          return inline.text
        case 'break':
          return ' '
        case 'image':
          return inline.alternative
        case 'emphasis':
        case 'strong':
        case 'strike':
        case 'link':
          return plainText(inline.content)
      }
    })
    .join('')
}
