/** The inside of a paragraph: markdown-it's flat tokens → nested pieces. */
import type { Token } from 'markdown-it'
import { hiddenCharacter } from './hidden-characters.ts'
import { parseLinkTarget, parsePicturePath } from './link-target.ts'
import { plainText, type Inline } from './tree.ts'

/** Emphasis in links in emphasis: deeper ones are no prose. */
const MAX_DEPTH = 16

type Container = Extract<Inline, { content: Inline[] }>

const KINDS: Record<string, 'emphasis' | 'strong' | 'strike'> = {
  em_open: 'emphasis',
  strong_open: 'strong',
  s_open: 'strike',
}

/** No blank is between the characters of these scripts, so that a line of source that ends in one may simply end. */
const UNSPACED = /[\p{Script=Han}\u3000-\u303f\uff00-\uffef]/u

export interface ReadInline {
  content: Inline[]
  /** What was refused, in the order of the text. */
  problems: string[]
}

export function readInline(tokens: readonly Token[]): ReadInline {
  const reader = new InlineReader(tokens)
  return { content: reader.read(), problems: reader.problems }
}

class InlineReader {
  readonly problems: string[] = []
  readonly #tokens: readonly Token[]
  /** The lists that are open, the innermost last. */
  readonly #open: Inline[][] = [[]]

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens
  }

  read(): Inline[] {
    this.#tokens.forEach((token, at) => {
      if (token.nesting === 1) this.#begin(token)
      else if (token.nesting === -1) {
        if (this.#open.length > 1) this.#open.pop()
      } else this.#add(token, at)
    })
    return this.#open[0]!
  }

  #begin(token: Token): void {
    const container = this.#container(token)
    if (this.#open.length > MAX_DEPTH) {
      this.#refuse(`emphasis and links are nested deeper than ${MAX_DEPTH}`)
      this.#open.push([])
      return
    }
    if (container !== undefined) this.#push(container)
    // What is refused lends its words to the text around it.
    this.#open.push(container?.content ?? this.#open.at(-1)!)
  }

  #container(token: Token): Container | undefined {
    const kind = KINDS[token.type]
    if (kind !== undefined) return { kind, content: [] }
    const href = attribute(token, 'href')
    const target = parseLinkTarget(href)
    if (target !== undefined) return { kind: 'link', target, content: [] }
    this.#refuse(`“${shown(href)}” is no link of a lesson: http, https, #step, #panel/… and ../lesson are`)
    return undefined
  }

  #add(token: Token, at: number): void {
    if (token.type === 'text') this.#addText(token.content)
    else if (token.type === 'code_inline') this.#push({ kind: 'code', text: token.content })
    else if (token.type === 'softbreak') this.#addText(this.#blankAt(at))
    else if (token.type === 'hardbreak') this.#push({ kind: 'break' })
    else if (token.type === 'image') this.#addPicture(token)
    else this.#refuse(`“${token.type}” has no place in a lesson`)
  }

  /** A character may be hidden in the source too, as an entity or in an address. */
  #addText(text: string): void {
    const hidden = hiddenCharacter(text)
    if (hidden !== undefined) this.#refuse(`the character ${hidden.name} does not show what it does`)
    else if (text !== '') this.#push({ kind: 'text', text })
  }

  #addPicture(token: Token): void {
    const source = attribute(token, 'src')
    const path = parsePicturePath(source)
    const alternative = plainText(readInline(token.children ?? []).content)
    if (path === undefined) this.#refuse(`“${shown(source)}” is no picture of the lesson’s own folder`)
    else if (alternative.trim() === '') this.#refuse(`the picture ${path} needs words that stand for it`)
    else this.#push({ kind: 'image', path, alternative })
  }

  /** The line break at a place of the source, as a browser would show it. */
  #blankAt(at: number): string {
    const before = this.#tokens[at - 1]?.content.at(-1) ?? ''
    const after = this.#tokens[at + 1]?.content.at(0) ?? ''
    return UNSPACED.test(before) && UNSPACED.test(after) ? '' : ' '
  }

  #push(inline: Inline): void {
    this.#open.at(-1)!.push(inline)
  }

  #refuse(problem: string): void {
    if (this.problems.at(-1) !== problem) this.problems.push(problem)
  }
}

function attribute(token: Token, name: string): string {
  return String(token.attrs?.find(([key]) => key === name)?.[1] ?? '')
}

const shown = (text: string): string => (text.length > 80 ? `${text.slice(0, 80)}…` : text)
