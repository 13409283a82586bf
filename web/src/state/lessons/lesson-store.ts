/** What learners leave in the browser: progress, place and notes of each lesson, each learner's apart. */
import { EngineError } from '../../../../guest/protocol/errors.ts'
import type { Locale } from '../../i18n/catalogue.ts'
import { newProgress, parseProgress, type Progress } from '../../lessons/format/progress.ts'
import { MAX_LEARNER } from '../../lessons/format/progress-file.ts'

/** Texts by key that outlive the page, where the browser allows it. */
export interface TextStore {
  read(key: string): string | null
  write(key: string, text: string): void
  remove(key: string): void
  keys(): string[]
}

const LEARNER = 'learner'

export class LessonStore {
  readonly #store: TextStore

  constructor(store: TextStore) {
    this.#store = store
  }

  /** Who learns on this computer now; empty for the one who gave no name. */
  get learner(): string {
    return this.#store.read(LEARNER) ?? ''
  }

  set learner(name: string) {
    this.#store.write(LEARNER, name.trim().slice(0, MAX_LEARNER))
  }

  /** Progress that cannot be read (of a later version of the page, changed by hand) counts as none. */
  progress(lesson: string, locale: Locale): Progress {
    const text = this.#store.read(this.#key(lesson))
    return (text === null ? undefined : readable(text, lesson)) ?? newProgress(lesson, locale)
  }

  keepProgress(progress: Progress): void {
    this.#store.write(this.#key(progress.lesson), JSON.stringify(progress))
  }

  /** The learner's progress in all lessons that were opened. */
  allProgress(): Progress[] {
    const prefix = this.#key('')
    return this.#store.keys().flatMap((key) => {
      const lesson = key.startsWith(prefix) ? key.slice(prefix.length) : ''
      return (/^[a-z0-9-]+$/.test(lesson) && readable(this.#store.read(key) ?? '', lesson)) || []
    })
  }

  /** Forgets all that the learner has left. */
  erase(): void {
    for (const key of this.#store.keys()) if (key.startsWith(this.#key(''))) this.#store.remove(key)
  }

  /** The id of the step that was open last; undefined in a lesson that has not been opened. */
  step(lesson: string): string | undefined {
    return this.#store.read(this.#key(lesson, 'step')) ?? undefined
  }

  keepStep(lesson: string, step: string): void {
    this.#store.write(this.#key(lesson, 'step'), step)
  }

  notes(lesson: string, id: string): string {
    return this.#store.read(this.#key(lesson, 'notes', id)) ?? ''
  }

  keepNotes(lesson: string, id: string, text: string): void {
    this.#store.write(this.#key(lesson, 'notes', id), text)
  }

  /** `lesson.Ann.chroot.step`; dots of the learner's name are escaped, so that no two share a key. */
  #key(...parts: string[]): string {
    const learner = encodeURIComponent(this.learner).replaceAll('.', '%2E')
    return ['lesson', learner, ...parts].join('.')
  }
}

function readable(text: string, lesson: string): Progress | undefined {
  try {
    const progress = parseProgress(JSON.parse(text))
    return progress.lesson === lesson ? progress : undefined
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof EngineError) return undefined
    throw error
  }
}
