import { EngineError } from '../../../../guest/protocol/errors.ts'
import type { Lesson } from '../../lessons/format/lesson.ts'
import type { Progress } from '../../lessons/format/progress.ts'
import { parseProgressFile, progressFileText } from '../../lessons/format/progress-file.ts'
import type { LessonSummary } from '../../lessons/library/lesson-list.ts'
import type { LessonSite } from '../../lessons/library/lesson-site.ts'
import type { SettingsState } from '../settings-state.svelte.ts'
import { LessonRun, type LessonMachine } from './lesson-run.svelte.ts'
import type { LessonStore } from './lesson-store.ts'

/** What the page's address says of lessons. */
export interface LessonPlace {
  lesson: string | undefined
  step: string | undefined
}

/** The lessons of the site, and the one that is open, which a machine that is booted anew gets again. */
export class LessonsState {
  /** Whether the page shows its lessons: the list, or the lesson that is open. */
  shown = $state(false)
  list = $state.raw<LessonSummary[]>()
  lesson = $state.raw<Lesson>()
  /** The id of the step that is read. */
  step = $state<string>()
  run = $state.raw<LessonRun>()
  /** The name of the lesson that is being fetched. */
  loading = $state<string>()
  error = $state.raw<EngineError>()
  /** Who learns on this computer now; empty for the one who gave no name. */
  learner = $state('')
  readonly site: LessonSite
  readonly store: LessonStore
  private readonly settings: Pick<SettingsState, 'locale'>
  private readonly onPlace: (place: LessonPlace) => void
  private machine: LessonMachine | undefined
  /** Counts up when what the store holds has changed as a whole. */
  private changes = $state(0)

  /** @param onPlace is told where the learner is, for the page's address */
  constructor(
    site: LessonSite,
    store: LessonStore,
    settings: Pick<SettingsState, 'locale'>,
    onPlace: (place: LessonPlace) => void,
  ) {
    this.site = site
    this.store = store
    this.settings = settings
    this.onPlace = onPlace
    this.learner = store.learner
  }

  readonly prose = $derived.by(() => this.lesson?.prose[this.settings.locale])
  /** The position of the step that is read. */
  readonly at = $derived.by(() => Math.max(0, this.prose?.steps.findIndex(({ id }) => id === this.step) ?? 0))

  progressOf(lesson: string): Progress {
    void this.changes // read, so that whoever shows it is told of a change
    return this.run?.lesson.name === lesson
      ? this.run.progress
      : this.store.progress(lesson, this.settings.locale)
  }

  /** Shows the list, or the lesson that is open. */
  async show(): Promise<void> {
    this.shown = true
    this.error = undefined
    if (this.lesson === undefined) await this.listed()
  }

  hide(): void {
    this.shown = false
  }

  /** Opens a lesson where it was left, or at a step of it. What cannot be opened is told in `error`. */
  async open(name: string, step?: string): Promise<void> {
    this.shown = true
    this.loading = name
    this.error = undefined
    try {
      const lesson = this.lesson?.name === name ? this.lesson : await this.site.lesson(name)
      if (this.loading === name) this.begin(lesson, step)
    } catch (thrown) {
      if (this.loading === name) this.error = EngineError.from(thrown)
    }
    if (this.loading !== name) return
    this.loading = undefined
    // What cannot be opened leaves the choice of the others.
    if (this.lesson === undefined) await this.listed()
  }

  /** Another learner takes this computer; the one before finds everything again under the old name. */
  setLearner(name: string): void {
    this.store.learner = name
    this.learner = this.store.learner
    this.changes += 1
  }

  /** The learner's progress as a file to take along. */
  progressText(): string {
    return progressFileText(this.learner, this.store.allProgress())
  }

  /** Takes progress over from a file; what is wrong with it is told in `error`, and nothing is taken over. */
  readProgress(text: string): void {
    this.error = undefined
    try {
      for (const progress of parseProgressFile(text).lessons) this.store.keepProgress(progress)
      this.changes += 1
    } catch (thrown) {
      this.error = EngineError.from(thrown)
    }
  }

  /** Forgets all that the learner has left in this browser. */
  erase(): void {
    this.store.erase()
    this.changes += 1
  }

  /** Back to the list. */
  async leave(): Promise<void> {
    this.endRun()
    this.lesson = undefined
    this.step = undefined
    this.onPlace({ lesson: undefined, step: undefined })
    await this.show()
  }

  goTo(step: string): void {
    const { lesson } = this
    if (lesson === undefined) return
    this.step = step
    this.store.keepStep(lesson.name, step)
    this.onPlace({ lesson: lesson.name, step })
  }

  /** The lesson goes on with this machine; undefined when there is none any more. */
  useMachine(machine: LessonMachine | undefined): void {
    this.machine = machine
    this.endRun()
    if (this.lesson) this.beginRun(this.lesson)
  }

  private async listed(): Promise<void> {
    try {
      this.list ??= await this.site.list()
    } catch (thrown) {
      this.error = EngineError.from(thrown)
    }
  }

  private begin(lesson: Lesson, step: string | undefined): void {
    const isOther = this.lesson !== lesson
    this.lesson = lesson
    const { steps } = lesson.prose[this.settings.locale]
    const wanted = step ?? (isOther ? this.store.step(lesson.name) : this.step)
    this.goTo(steps.find(({ id }) => id === wanted)?.id ?? steps[0]!.id)
    if (!isOther) return
    this.endRun()
    this.beginRun(lesson)
  }

  private beginRun(lesson: Lesson): void {
    if (this.machine === undefined) return
    const progress = this.store.progress(lesson.name, this.settings.locale)
    this.run = new LessonRun(lesson, this.machine, this.store, progress)
    void this.run.prepare()
  }

  private endRun(): void {
    this.run?.close()
    this.run = undefined
  }
}
