/* eslint svelte/prefer-svelte-reactivity: off -- the date here is a moment that does not change */
import type { EngineEvent } from '../../../../guest/protocol/api/engine-api.ts'
import { EngineError, ifKnown } from '../../../../guest/protocol/errors.ts'
import type { Verdict } from '../../lessons/checks/evaluate.ts'
import { TaskWatch } from '../../lessons/checks/task-watch.ts'
import { triggerOf } from '../../lessons/checks/triggers.ts'
import type { Lesson } from '../../lessons/format/lesson.ts'
import {
  doneTasks,
  newProgress,
  withBegun,
  withDone,
  withHint,
  withSolution,
  type Progress,
} from '../../lessons/format/progress.ts'
import type { CodeBlock } from '../../lessons/markdown/code-block.ts'
import type { EngineSession } from '../engine-session.svelte.ts'
import { PullProgressState } from '../images/pull-progress.ts'
import { LessonTerminals } from './lesson-terminals.ts'
import type { LessonStore } from './lesson-store.ts'
import { putFiles } from './put-files.ts'

/** What of a session with an engine a lesson uses. */
export type LessonMachine = Pick<
  EngineSession,
  'guest' | 'client' | 'terminals' | 'containers' | 'watchEvents' | 'whenConnected'
>

/** `preparing`: images are fetched, and the lesson's own script prepares the guest. */
export type RunPhase = 'preparing' | 'ready' | 'failed'

/** What a task's last look gave; undefined in a task that nobody has asked about. */
export type Look = Verdict | 'looking' | undefined

/** Names the lesson for which the guest was prepared last; it is saved with the machine. */
const PREPARED = '/run/porthole/lesson'
const REMOVE_CONTAINERS = 'docker ps -aq | xargs -r docker rm -fv'

/** A lesson on one machine: what is done, hints given, what is wrong. It ends with the machine, and its progress stays. */
export class LessonRun {
  phase = $state<RunPhase>('preparing')
  /** The image that is being fetched, and how far that is. */
  fetching = $state.raw<{ image: string; progress: PullProgressState }>()
  progress = $state.raw<Progress>() as Progress
  looks = $state.raw<Readonly<Record<string, Look>>>({})
  /** Ids of the hints that are shown, by task. */
  hints = $state.raw<Readonly<Record<string, string>>>({})
  /** Tasks that cannot be done any more from here. */
  failed = $state.raw<readonly string[]>([])
  error = $state.raw<EngineError>()
  readonly lesson: Lesson
  private readonly terminals: LessonTerminals
  private readonly machine: LessonMachine
  private readonly store: LessonStore
  private readonly watch: TaskWatch
  private readonly stop: (() => void)[]

  constructor(lesson: Lesson, machine: LessonMachine, store: LessonStore, progress: Progress) {
    this.lesson = lesson
    this.machine = machine
    this.store = store
    this.progress = progress
    this.terminals = new LessonTerminals(lesson.terminals, machine)
    this.watch = new TaskWatch(
      lesson,
      machine.guest,
      {
        onDone: (task) => this.done(task),
        onFailed: (task) => (this.failed = [...this.failed, task]),
        onError: (error) => (this.error = error),
      },
      doneTasks(progress),
    )
    this.stop = [
      machine.watchEvents((event) => this.onEvent(event)),
      machine.terminals.watchShells((session, news) => {
        const typed = this.terminals.typed(session, news)
        if (typed !== undefined && this.phase === 'ready') this.watch.typed(typed)
      }),
    ]
  }

  isDone(task: string): boolean {
    return doneTasks(this.progress).includes(task)
  }

  /** Tasks that must be done before this one can be. */
  missing(task: string): string[] {
    const needs = this.lesson.tasks.find(({ id }) => id === task)?.needs ?? []
    return needs.filter((need) => !this.isDone(need))
  }

  /**
   * Fetches what the lesson needs, and runs its script; a failure is in `error`.
   * @param goesOn whether a machine that was prepared for the lesson stays as the learner left it
   */
  async prepare(goesOn = false): Promise<void> {
    this.phase = 'preparing'
    this.error = undefined
    try {
      await this.machine.whenConnected()
      // The engine does one thing at a time, and a person waits for the first shell's prompt.
      await this.machine.terminals.sessions[0]?.answered
      for (const image of this.lesson.images) await this.fetch(image)
      if (!goesOn || !(await this.isPrepared())) await this.prepareGuest()
      this.keep(withBegun(this.progress, new Date()))
      this.phase = 'ready'
    } catch (thrown) {
      this.error = EngineError.from(thrown)
      this.phase = 'failed'
    } finally {
      this.fetching = undefined
    }
  }

  /** The lesson from its start: all containers are removed, and nothing counts as done. */
  async begin(): Promise<void> {
    this.watch.begin()
    this.keep(newProgress(this.lesson.name, this.progress.locale))
    this.looks = {}
    this.hints = {}
    this.failed = []
    this.phase = 'preparing'
    try {
      await this.mustRun(REMOVE_CONTAINERS)
    } catch (thrown) {
      this.error = EngineError.from(thrown)
      this.phase = 'failed'
      return
    }
    await this.prepare()
  }

  /** Looks whether the task is done; the answer is in `looks`. */
  async check(task: string): Promise<void> {
    let look: Look = 'looking'
    this.looks = { ...this.looks, [task]: look }
    await this.orError(async () => {
      const verdict = await this.watch.check(task)
      look = verdict.holds ? undefined : verdict
    })
    this.looks = { ...this.looks, [task]: look === 'looking' ? undefined : look }
  }

  /** Shows the hint that answers what the learner has done. */
  async hint(task: string): Promise<void> {
    await this.orError(async () => {
      const hint = await this.watch.hint(task)
      if (hint === undefined) return
      this.hints = { ...this.hints, [task]: hint.id }
      if (!this.isDone(task)) this.keep(withHint(this.progress, task))
    })
  }

  /** Notes that the learner asked for the solution, which the page then shows. */
  solution(task: string): void {
    this.keep(withSolution(this.progress, task))
  }

  /** Runs the block in its terminal, or with `enter` false puts it on the command line there. */
  run(code: CodeBlock, enter = true): void {
    this.error = undefined
    try {
      if (enter) this.terminals.run(code)
      else this.terminals.type(code)
    } catch (thrown) {
      this.error = EngineError.from(thrown)
    }
  }

  /** Writes a file of the guest, with the folders above it. */
  async write(path: string, text: string): Promise<void> {
    await this.orError(async () => {
      const script = 'mkdir -p -- "$(dirname -- "$1")" && printf "%s\\n" "$2" > "$1"'
      const { code, stderr } = await this.machine.guest.run(['sh', '-c', script, 'sh', path, text])
      if (code !== 0) throw new EngineError('internal', `${path} could not be written: ${stderr.trim()}`)
      this.watch.notify('command')
    })
  }

  close(): void {
    for (const stop of this.stop) stop()
  }

  private done(task: string): void {
    this.failed = this.failed.filter((failed) => failed !== task)
    this.looks = { ...this.looks, [task]: undefined }
    this.keep(withDone(this.progress, task, new Date()))
  }

  private keep(progress: Progress): void {
    this.progress = progress
    this.store.keepProgress(progress)
  }

  private onEvent(event: EngineEvent): void {
    const trigger = triggerOf(event)
    if (trigger !== undefined && this.phase === 'ready') this.watch.notify(trigger)
  }

  private async fetch(image: string): Promise<void> {
    if ((await ifKnown(this.machine.client.images.inspect(image))) !== undefined) return
    let progress = new PullProgressState()
    for await (const line of this.machine.client.images.pull(image)) {
      progress = progress.with(line)
      this.fetching = { image, progress }
    }
  }

  private async isPrepared(): Promise<boolean> {
    const { stdout } = await this.machine.guest.run(['sh', '-c', `cat ${PREPARED} 2>/dev/null`])
    return stdout === this.lesson.name
  }

  private async prepareGuest(): Promise<void> {
    await putFiles(this.machine.guest, this.lesson.files)
    if (this.lesson.start !== undefined) await this.mustRun(this.lesson.start)
    await this.mustRun(`printf %s '${this.lesson.name}' > ${PREPARED}`)
  }

  private async mustRun(script: string): Promise<void> {
    const { code, stderr } = await this.machine.guest.run(['bash', '-ec', script])
    if (code !== 0)
      throw new EngineError('internal', `the lesson could not be prepared: ${stderr.trim().slice(-500)}`)
  }

  private async orError(act: () => Promise<void>): Promise<void> {
    this.error = undefined
    try {
      await act()
    } catch (thrown) {
      this.error = EngineError.from(thrown)
    }
  }
}
