/** A lesson: its logic, which is there once, and its prose in each language. */
import type { Locale } from '../../i18n/catalogue.ts'
import type { Inline, PlainBlock } from '../markdown/tree.ts'
import type { Check } from './check.ts'
import type { Unsupported } from './unsupported.ts'

/** The version of the format; a file of a later one is refused with a sentence. */
export const LESSON_FORMAT = 1

export const LAYOUTS = ['split', 'terminal', 'viz'] as const
export type Layout = (typeof LAYOUTS)[number]

export interface Terminal {
  name: string
  /** The container whose shell it is; undefined for the guest's own. */
  container: string | undefined
}

export interface Hint {
  id: string
  /** What the learner must have done for this hint to answer it; undefined for a hint that helps anyone. */
  when: Check | undefined
}

export interface Task {
  id: string
  /** Tasks that must be done before this one is looked at. */
  needs: string[]
  check: Check
  /** When it holds, the task cannot be done any more from here: the page offers to begin again. */
  fail: Check | undefined
  hints: Hint[]
  /** A bash script of the guest that does the task; lines that begin with `#` are for readers. */
  solve: string
  /** The learner is not shown how: no solution is offered, before it is done. */
  challenge: boolean
  /** Looked at when the learner asks, and at no other time: for a check that takes long, or changes something. */
  asked: boolean
}

export interface Quiz {
  id: string
  /** Positions of the right options, from 1, in the order of the prose. */
  answers: number[]
}

/** What lesson.yaml says. */
export interface Logic {
  format: typeof LESSON_FORMAT
  /** How long it takes a learner. */
  minutes: number
  /** References of images that must be at hand when it begins. */
  images: string[]
  terminals: Terminal[]
  layout: Layout
  /** Panels that are open beside it, the first in front. */
  panels: string[]
  /** A bash script that prepares the guest. */
  start: string | undefined
  tasks: Task[]
  quizzes: Quiz[]
  /** Ids of the fields for the learner's own notes. */
  notes: string[]
}

export type StepBlock =
  | PlainBlock
  | { kind: 'task'; id: string; content: Inline[] }
  | { kind: 'quiz'; id: string; question: Inline[]; options: Inline[][]; explanation: Inline[] }
  | { kind: 'notes'; id: string; prompt: Inline[] }

export interface Step {
  id: string
  title: Inline[]
  blocks: StepBlock[]
}

/** What en.md and zh-CN.md say. */
export interface Prose {
  title: Inline[]
  /** What the learner will have made or understood, before the first step. */
  introduction: PlainBlock[]
  steps: Step[]
  /** By task, then by hint. */
  hints: ReadonlyMap<string, ReadonlyMap<string, Inline[]>>
  /** What is said when a task has failed, by task. */
  fails: ReadonlyMap<string, Inline[]>
}

/** A file that the guest gets before the lesson's script runs. */
export interface GuestFile {
  /** Absolute. */
  path: string
  bytes: Uint8Array
  executable: boolean
}

export interface Lesson extends Logic {
  /** The name of its folder. */
  name: string
  /** Files of an imported lesson; lessons in our format have what they need in their images. */
  files: readonly GuestFile[]
  /** What of an imported lesson is not as its author meant it. */
  unsupported: readonly Unsupported[]
  prose: Readonly<Record<Locale, Prose>>
}
