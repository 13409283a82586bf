/** The parts of another maker's lesson → a lesson of ours. */
import { EngineError } from '../../../../guest/protocol/errors.ts'
import { LOCALES, translate, type Locale } from '../../i18n/catalogue.ts'
import { LESSON_FORMAT, type GuestFile, type Lesson, type Prose, type Task } from '../format/lesson.ts'
import { withoutHidden } from '../markdown/hidden-characters.ts'
import type { Inline, PlainBlock } from '../markdown/tree.ts'
import type { ImportReport } from './import-report.ts'
import { IMPORT_LIMITS } from './limits.ts'

export interface ImportedStep {
  id: string
  title: string
  blocks: PlainBlock[]
  /** A bash script that ends with 0 when the step is done; undefined for a step without one. */
  verify: string | undefined
}

export interface LessonParts {
  title: string
  introduction: PlainBlock[]
  steps: ImportedStep[]
  /** Names of terminals, the first one first. */
  terminals: readonly string[]
  start: string | undefined
  files: readonly GuestFile[]
}

const MAX_TITLE = 200
const MINUTES_OF_A_STEP = 4

/** @throws EngineError `invalid` when there is no step */
export function buildLesson(name: string, parts: LessonParts, report: ImportReport): Lesson {
  if (parts.steps.length === 0) throw new EngineError('invalid', 'the lesson has no steps')
  const prose = LOCALES.map((locale): [Locale, Prose] => [locale, proseOf(parts, locale)])
  return {
    ...{
      format: LESSON_FORMAT,
      name,
      images: [],
      layout: 'split',
      panels: ['containers'],
      quizzes: [],
      notes: [],
    },
    minutes: Math.min(120, parts.steps.length * MINUTES_OF_A_STEP),
    terminals: parts.terminals.map((terminal) => ({ name: terminal, container: undefined })),
    start: parts.start,
    tasks: parts.steps.flatMap((step) => (step.verify === undefined ? [] : [taskOf(step.id, step.verify)])),
    files: parts.files,
    unsupported: report.parts,
    prose: Object.fromEntries(prose) as Record<Locale, Prose>,
  }
}

/** Such scripts were written to be run by a click: they take their time, and may start containers. */
const taskOf = (id: string, verify: string): Task => ({
  ...{ id, needs: [], fail: undefined, hints: [], solve: '', challenge: true, asked: true },
  check: {
    kind: 'script',
    query: { run: verify },
    fields: [['status', { kind: 'amount', amount: { compare: '=', value: 0 } }]],
    count: { compare: '>=', value: 1 },
  },
})

function proseOf({ title, introduction, steps }: LessonParts, locale: Locale): Prose {
  const content: Inline[] = [{ kind: 'text', text: translate(locale, 'import.verify') }]
  return {
    title: titleOf(title),
    introduction,
    steps: steps.map(({ id, title: words, blocks, verify }) => ({
      id,
      title: titleOf(words),
      blocks: verify === undefined ? blocks : [...blocks, { kind: 'task', id, content }],
    })),
    hints: new Map(),
    fails: new Map(),
  }
}

const titleOf = (text: string): Inline[] => [{ kind: 'text', text: plainTitle(text) }]

/** A title on one line, without characters that hide what it says. */
export const plainTitle = (text: string): string =>
  withoutHidden(text.replace(/\s+/g, ' ')).trim().slice(0, MAX_TITLE) || '…'

/** `own-getting-started`: no lesson of the site begins with `own-`, so that the progress of both is kept apart. */
export function ownName(title: string): string {
  const slug = title
    .toLowerCase()
    .slice(0, MAX_TITLE)
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')
    .slice(0, 50)
  return slug === ''
    ? `own-${[...title.slice(0, 8)].map((c) => c.codePointAt(0)!.toString(16)).join('')}`
    : `own-${slug}`
}

/** Files for the guest, as far as there is room for them. */
export class GuestFiles {
  readonly #files = new Map<string, GuestFile>()
  readonly #sources = new Map<string, string>()
  readonly #report: ImportReport
  #bytes = 0

  constructor(report: ImportReport) {
    this.#report = report
  }

  /** @param source the path in the folder, for what is said when there is no room; `path` is absolute */
  add(source: string, path: string, bytes: Uint8Array, executable = false): void {
    this.#bytes += bytes.length
    if (this.#bytes > IMPORT_LIMITS.guestBytes || this.#files.size >= IMPORT_LIMITS.files) {
      this.#bytes -= bytes.length
      this.#report.add(source, undefined, `${bytes.length} bytes`, 'size')
    } else {
      this.#files.set(path, { path, bytes, executable })
      this.#sources.set(path, source)
    }
  }

  get all(): GuestFile[] {
    return [...this.#files.values()]
  }

  /** The path in the folder from which the guest's file comes. */
  sourceOf({ path }: GuestFile): string {
    return this.#sources.get(path) ?? path
  }
}

/** A word of a shell, whatever is in it. */
export const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`
