/** What prose refers to: code blocks, links and pictures, wherever in it they stand. */
import type { CodeBlock } from '../markdown/code-block.ts'
import type { LinkTarget } from '../markdown/link-target.ts'
import type { Inline, PlainBlock } from '../markdown/tree.ts'
import type { Prose, StepBlock } from './lesson.ts'

/** Code blocks, those in lists and quotes too. */
export function codeOf(blocks: readonly StepBlock[]): CodeBlock[] {
  return blocks.flatMap((block) => {
    if (block.kind === 'code') return [block.code]
    if (block.kind === 'quote' || block.kind === 'folded') return codeOf(block.content)
    return block.kind === 'list' ? block.items.flatMap(codeOf) : []
  })
}

export interface Passage {
  /** The step it stands in; undefined for title and introduction, and for hints and fails, which stand anywhere. */
  step: string | undefined
  content: Inline[]
}

/** All words of the prose. */
export function passagesOf({ title, introduction, steps, hints, fails }: Prose): Passage[] {
  const outside = [...title, ...introduction.flatMap(inlinesOf), ...[...fails.values()].flat()]
  const said = [...hints.values()].flatMap((byId) => [...byId.values()].flat())
  return [
    { step: undefined, content: [...outside, ...said] },
    ...steps.map(({ id, title, blocks }) => ({
      step: id,
      content: [...title, ...blocks.flatMap(inlinesOf)],
    })),
  ]
}

export const linksIn = (content: readonly Inline[]): LinkTarget[] =>
  content.flatMap((inline) =>
    inline.kind === 'link' ? [inline.target] : 'content' in inline ? linksIn(inline.content) : [],
  )

/** Paths of pictures, in the lesson's folder. */
export const picturesIn = (content: readonly Inline[]): string[] =>
  content.flatMap((inline) =>
    inline.kind === 'image' ? [inline.path] : 'content' in inline ? picturesIn(inline.content) : [],
  )

function inlinesOf(block: StepBlock): Inline[] {
  const inside = (blocks: readonly PlainBlock[]): Inline[] => blocks.flatMap(inlinesOf)
  switch (block.kind) {
    case 'paragraph':
    case 'heading':
    case 'task':
      return block.content
    case 'quote':
      return inside(block.content)
    case 'folded':
      return [...block.summary, ...inside(block.content)]
    case 'list':
      return block.items.flatMap(inside)
    case 'table':
      return [...block.head, ...block.rows.flat()].flat()
    case 'quiz':
      return [...block.question, ...block.options.flat(), ...block.explanation]
    case 'notes':
      return block.prompt
    case 'code':
    case 'rule':
      return []
  }
}
