import { EngineError } from '../../../../guest/protocol/errors.ts'
import type { Lesson } from '../../lessons/format/lesson.ts'
import type { Progress } from '../../lessons/format/progress.ts'
import { parseProgressFile, progressFileText } from '../../lessons/format/progress-file.ts'
import type { LessonSummary } from '../../lessons/library/lesson-list.ts'
import type { LessonSite } from '../../lessons/library/lesson-site.ts'
import type { BroughtFile, OwnLesson } from '../../lessons/library/own-lesson.ts'
import type { SettingsState } from '../settings-state.svelte.ts'
import { LessonRun, type LessonMachine } from './lesson-run.svelte.ts'
import type { LessonStore } from './lesson-store.ts'

/** What the page's address says of lessons. */
export interface LessonPlace {
  lesson: string | undefined
  step: string | undefined
}

/** Reads lessons that somebody brings along. Both reject with EngineError. */
export interface LessonOpener {
  files(brought: readonly BroughtFile[]): Promise<OwnLesson>
  address(text: string): Promise<OwnLesson>
}

/** The lessons of the site, and the one that is open, which a machine that is booted anew gets again. */
export class LessonsState {
  /** Whether the page shows its lessons: the list, or the lesson that is open. */
  shown = $state(false)
  list = $state.raw<LessonSummary[]>()
  /** Lessons that were brought along, as long as the page lives. */
  own = $state.raw<readonly OwnLesson[]>([])
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
  private readonly opener: LessonOpener
  private machine: LessonMachine | undefined
  private goesOn = false
  /** Counts up when what the store holds has changed as a whole. */
  private changes = $state(0)

  /** @param onPlace is told where the learner is, for the page's address */
  constructor(
    site: LessonSite,
    store: LessonStore,
    settings: Pick<SettingsState, 'locale'>,
    onPlace: (place: LessonPlace) => void,
    opener: LessonOpener,
  ) {
    this.site = site
    this.store = store
    this.settings = settings
    this.onPlace = onPlace
    this.opener = opener
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
    await this.opening(name, step, async () => {
      const own = this.own.find(({ lesson }) => lesson.name === name)
      if (own !== undefined) return own.lesson
      return this.lesson?.name === name ? this.lesson : this.site.lesson(name)
    })
  }

  /** Opens a lesson from files that were dropped or chosen; it joins the list. */
  async openFiles(brought: readonly BroughtFile[] | Promise<readonly BroughtFile[]>): Promise<void> {
    await this.opening('', undefined, async () => this.keepOwn(await this.opener.files(await brought)))
  }

  /** Opens the lesson that the page's address names: one of the site by its name, or one at an address of the site. */
  async openNamed(named: string, step?: string): Promise<void> {
    if (/^[a-z0-9-]*$/.test(named)) return this.open(named, step)
    await this.opening(named, step, async () => this.keepOwn(await this.opener.address(named)))
  }

  /** The address of a picture of the lesson that is open. */
  picture(path: string): string {
    const { lesson } = this
    const own = this.own.find((each) => each.lesson === lesson)
    if (own !== undefined) return own.address(path) ?? ''
    return lesson === undefined ? '' : this.site.address(lesson.name, path)
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
    // A link of a lesson may name any step.
    const { steps } = lesson?.prose[this.settings.locale] ?? { steps: [] }
    if (lesson === undefined || !steps.some(({ id }) => id === step)) return
    this.step = step
    this.store.keepStep(lesson.name, step)
    const own = this.own.find((each) => each.lesson === lesson)
    this.onPlace({ lesson: own === undefined ? lesson.name : own.place, step })
  }

  /**
   * The lesson goes on with this machine; undefined when there is none any more.
   * @param goesOn whether the machine was saved, and may have been prepared for the lesson before that
   */
  useMachine(machine: LessonMachine | undefined, goesOn = false): void {
    this.machine = machine
    this.goesOn = goesOn
    this.endRun()
    if (this.lesson) this.beginRun(this.lesson)
  }

  private async opening(name: string, step: string | undefined, load: () => Promise<Lesson>): Promise<void> {
    this.shown = true
    this.loading = name
    this.error = undefined
    try {
      const lesson = await load()
      if (this.loading === name) this.begin(lesson, step)
    } catch (thrown) {
      if (this.loading === name) this.error = EngineError.from(thrown)
    }
    if (this.loading !== name) return
    this.loading = undefined
    // What cannot be opened leaves the choice of the others.
    if (this.lesson === undefined) await this.listed()
  }

  /** A lesson that is brought along once more takes the place of the one before. */
  private keepOwn(own: OwnLesson): Lesson {
    this.own = [...this.own.filter(({ lesson }) => lesson.name !== own.lesson.name), own]
    return own.lesson
  }

  async listed(): Promise<void> {
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
    void this.run.prepare(this.goesOn)
    this.goesOn = false
  }

  private endRun(): void {
    this.run?.close()
    this.run = undefined
  }
}
