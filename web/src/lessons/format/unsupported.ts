/** What an imported lesson has and this page does not, so that nothing is lost without a word. */
import type { CodeBlock } from '../markdown/code-block.ts'

/** Why a part is not as its author meant it; each has a sentence in both languages: `lesson.reason.internet`. */
export const REASONS = [
  'internet', // needs the internet, which the guest does not reach
  'image', // needs an image that is not at hand
  'before', // needs what a command before it would have made, which cannot work here
  'program', // needs a program that the guest does not have
  'cluster', // needs Kubernetes or another machine
  'editor', // belongs to an editor in the browser, such as VS Code
  'variable', // a text that the learner would have been asked for
  'condition', // a part that is shown under a condition
  'html', // HTML that is shown as text
  'link', // a link that leads nowhere here
  'picture', // a picture that is missing, or lies on another site
  'diagram', // a drawing that is shown as its source
  'place', // a command in a table or heading, which has no button there
  'option', // a setting that has no counterpart
  'missing', // a file that is named and is not there
  'size', // larger than a lesson may have
  'characters', // characters that do not show what they do
  'markdown', // text that has no place in a lesson
] as const
export type Reason = (typeof REASONS)[number]

export interface Unsupported {
  /** The path in the folder that was imported. */
  file: string
  /** From 1; undefined when the file as a whole is meant. */
  line: number | undefined
  /** The part itself, or a sentence about it: at most 200 characters. */
  what: string
  reason: Reason
}

/** Reasons for which a command cannot work here as it stands. */
const CANNOT_RUN: ReadonlySet<Reason> = new Set([
  'internet',
  'image',
  'before',
  'program',
  'cluster',
  'editor',
])

/** Why a command of the block, or of a script that it runs, cannot work here; undefined when nothing says so. */
export function reasonAgainst(parts: readonly Unsupported[], code: CodeBlock): Reason | undefined {
  if (!code.run) return undefined
  const text = code.text.replace(/\\\n/g, ' ')
  return parts.find((part) => CANNOT_RUN.has(part.reason) && isIn(part, text, code.line))?.reason
}

function isIn({ file, line, what }: Unsupported, text: string, at: number | undefined): boolean {
  if (text.includes(`/opt/lesson/${file}'`)) return true
  // A long command is listed shortened, and behind that of a build stands what it is made of.
  const begin = what.replace(/ \([^()]*\)$/, '').slice(0, 100)
  return line === at && text.includes(begin)
}

export interface ReasonGroup {
  reason: Reason
  parts: Unsupported[]
}

/** Parts of the same reason together, what stands in the way of commands first. */
export function byReason(parts: readonly Unsupported[]): ReasonGroup[] {
  return REASONS.map((reason) => ({
    reason,
    parts: parts.filter((part) => part.reason === reason),
  })).filter(({ parts }) => parts.length > 0)
}
