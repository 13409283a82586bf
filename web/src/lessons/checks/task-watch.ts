/**
 * Watches a lesson's tasks on a live machine. It looks when something has happened (`notify`) or is asked (`check`), never
 * by the clock, and a burst of happenings costs two looks.
 */
import { EngineError } from '../../../../guest/protocol/errors.ts'
import { Refresher } from '../../../../guest/vocabulary/refresher.ts'
import type { Hint, Lesson, Task } from '../format/lesson.ts'
import { chooseHint } from './choose-hint.ts'
import { evaluate, type Verdict } from './evaluate.ts'
import type { Facts } from './facts.ts'
import { gatherFacts, type TypedLine } from './gather-facts.ts'
import type { LessonGuest } from './lesson-guest.ts'
import { concerns, type Trigger } from './triggers.ts'

export interface TaskListener {
  /** The task is done, and stays so whatever becomes of the machine. */
  onDone(task: string): void
  /** The task cannot be done any more from here; told once, until it is done or `begin`. */
  onFailed(task: string): void
  /** The machine could not be looked at; the next happening tries again. */
  onError(error: EngineError): void
}

const isWatched = ({ asked }: Task): boolean => !asked

export class TaskWatch {
  readonly #tasks: readonly Task[]
  readonly #guest: LessonGuest
  readonly #listener: TaskListener
  readonly #done: Set<string>
  readonly #failed = new Set<string>()
  readonly #given = new Map<string, Set<string>>()
  /** The last line of each terminal. */
  readonly #typed = new Map<string, TypedLine>()
  readonly #refresher = new Refresher(() => this.#look())
  /** What has happened since the last look. */
  readonly #happened = new Set<Trigger>()
  /** Counts up when the lesson begins again, so that a look that began before tells nothing of it. */
  #beginnings = 0

  /** @param done tasks that were done before, from the learner's progress */
  constructor(
    { tasks }: Pick<Lesson, 'tasks'>,
    guest: LessonGuest,
    listener: TaskListener,
    done: Iterable<string> = [],
  ) {
    this.#tasks = tasks
    this.#guest = guest
    this.#listener = listener
    this.#done = new Set(done)
  }

  isDone(task: string): boolean {
    return this.#done.has(task)
  }

  /** Tasks that can be done now: not done, and all that they need is. */
  get open(): Task[] {
    return this.#tasks.filter(
      ({ id, needs }) => !this.#done.has(id) && needs.every((need) => this.#done.has(need)),
    )
  }

  /** Forgets all that was done, for a lesson that begins again. */
  begin(): void {
    this.#beginnings++
    for (const memory of [this.#done, this.#failed, this.#given, this.#typed, this.#happened]) memory.clear()
  }

  /** A line was entered in a terminal (no status yet), or what it started has ended. */
  typed(line: TypedLine): void {
    this.#typed.set(line.terminal, line)
    this.notify('command')
  }

  /** Looks at the open tasks whose checks may have another answer now. */
  notify(trigger: Trigger): void {
    this.#happened.add(trigger)
    this.#refresher.request().catch((thrown: unknown) => this.#listener.onError(EngineError.from(thrown)))
  }

  /** What the learner asks for: whether the task is done, and what is missing. Rejects with EngineError. */
  async check(task: string): Promise<Verdict> {
    const asked = this.#find(task)
    const before = new Set(this.open)
    if (!this.isDone(task) && !before.has(asked))
      throw new EngineError(
        'conflict',
        `“${task}” comes after ${asked.needs.map((id) => `“${id}”`).join(', ')}`,
      )
    const beginnings = this.#beginnings
    const facts = await this.#facts([asked])
    if (beginnings !== this.#beginnings) return evaluate(asked.check, facts)
    const verdict = this.#judge(asked, facts)
    await this.#lookAt(this.open.filter((open) => !before.has(open)))
    return verdict
  }

  /** The hint that fits what the learner has done, which then counts as given. Rejects with EngineError. */
  async hint(task: string): Promise<Hint | undefined> {
    const asked = this.#find(task)
    const checks = asked.hints.flatMap(({ when }) => when ?? [])
    const given = this.#given.get(task) ?? new Set()
    const hint = chooseHint(asked, await gatherFacts(this.#guest, checks, this.#lines()), given)
    if (hint !== undefined) this.#given.set(task, given.add(hint.id))
    return hint
  }

  async #look(): Promise<void> {
    const happened = [...this.#happened]
    this.#happened.clear()
    const concerned = this.open.filter(({ check, fail }) =>
      happened.some((trigger) => concerns(trigger, check) || (fail !== undefined && concerns(trigger, fail))),
    )
    try {
      await this.#lookAt(concerned)
    } catch (error) {
      for (const trigger of happened) this.#happened.add(trigger)
      throw error
    }
  }

  /** Looks at the tasks, then at those that become possible by one that is done: they may be done already. */
  async #lookAt(tasks: readonly Task[]): Promise<void> {
    const beginnings = this.#beginnings
    for (let fresh = tasks.filter(isWatched); fresh.length > 0;) {
      const before = new Set(this.open)
      const facts = await this.#facts(fresh)
      if (beginnings !== this.#beginnings) return
      for (const task of fresh) this.#judge(task, facts)
      fresh = this.open.filter((open) => !before.has(open) && isWatched(open))
    }
  }

  #facts(tasks: readonly Task[]): Promise<Facts> {
    const checks = tasks.flatMap(({ check, fail }) => (fail === undefined ? [check] : [check, fail]))
    return gatherFacts(this.#guest, checks, this.#lines())
  }

  #judge({ id, check, fail }: Task, facts: Facts): Verdict {
    const verdict = evaluate(check, facts)
    if (verdict.holds && !this.#done.has(id)) {
      this.#done.add(id)
      this.#failed.delete(id)
      this.#listener.onDone(id)
    } else if (!verdict.holds && fail !== undefined && evaluate(fail, facts).holds && !this.#failed.has(id)) {
      this.#failed.add(id)
      this.#listener.onFailed(id)
    }
    return verdict
  }

  #lines(): TypedLine[] {
    return [...this.#typed.values()]
  }

  #find(id: string): Task {
    const task = this.#tasks.find((known) => known.id === id)
    if (task === undefined) throw new EngineError('not-found', `the lesson has no task “${id}”`)
    return task
  }
}
