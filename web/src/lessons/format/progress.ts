/** What a learner has done in a lesson: kept in the browser, exported as a file, read again from one that may be anything. */
import { EngineError } from '../../../../guest/protocol/errors.ts'
import { isRecord } from '../../../../guest/protocol/wire/is-record.ts'
import { LOCALES, type Locale } from '../../i18n/catalogue.ts'

export const PROGRESS_FORMAT = 1

export interface TaskProgress {
  /** RFC 3339; undefined while it is not done. */
  doneAt: string | undefined
  hintsUsed: number
  /** The learner asked for the solution. */
  solved: boolean
}

export interface Progress {
  format: typeof PROGRESS_FORMAT
  lesson: string
  locale: Locale
  /** RFC 3339, when the lesson was first opened; undefined when nobody noted it. */
  begunAt: string | undefined
  tasks: Readonly<Record<string, TaskProgress>>
}

const NOT_BEGUN: TaskProgress = { doneAt: undefined, hintsUsed: 0, solved: false }

export const newProgress = (lesson: string, locale: Locale): Progress => ({
  ...{ format: PROGRESS_FORMAT, lesson, locale, begunAt: undefined, tasks: {} },
})

export const taskProgress = ({ tasks }: Progress, task: string): TaskProgress =>
  Object.hasOwn(tasks, task) ? tasks[task]! : NOT_BEGUN

function changed(progress: Progress, task: string, change: Partial<TaskProgress>): Progress {
  return { ...progress, tasks: { ...progress.tasks, [task]: { ...taskProgress(progress, task), ...change } } }
}

/** The first time counts, here and below. */
export const withBegun = (progress: Progress, at: Date): Progress => ({
  ...progress,
  begunAt: progress.begunAt ?? at.toISOString(),
})

export const withDone = (progress: Progress, task: string, at: Date): Progress =>
  changed(progress, task, { doneAt: taskProgress(progress, task).doneAt ?? at.toISOString() })

export const withHint = (progress: Progress, task: string): Progress =>
  changed(progress, task, { hintsUsed: taskProgress(progress, task).hintsUsed + 1 })

export const withSolution = (progress: Progress, task: string): Progress =>
  changed(progress, task, { solved: true })

export const doneTasks = ({ tasks }: Progress): string[] =>
  Object.entries(tasks).flatMap(([id, { doneAt }]) => (doneAt === undefined ? [] : [id]))

const TASK_ID = /^[a-z][a-z0-9-]{0,63}$/
const LESSON_NAME = /^[a-z0-9][a-z0-9-]{0,63}$/
const MAX_TASKS = 200

/** @throws EngineError `corrupt`, with the field that is wrong */
export function parseProgress(value: unknown): Progress {
  if (!isRecord(value)) throw refusal('it is no mapping')
  const { format, lesson, locale, begunAt, tasks } = value
  if (format !== PROGRESS_FORMAT) throw refusal(`its format is ${String(format)}, not ${PROGRESS_FORMAT}`)
  if (typeof lesson !== 'string' || !LESSON_NAME.test(lesson)) throw refusal('lesson is no name')
  const known = LOCALES.find((name) => name === locale)
  if (known === undefined) throw refusal(`locale is none of ${LOCALES.join(', ')}`)
  if (!isTime(begunAt) && !isMissing(begunAt)) throw refusal('begunAt is no time')
  if (!isRecord(tasks) || Object.keys(tasks).length > MAX_TASKS) throw refusal('tasks is no mapping of tasks')
  const entries = Object.entries(tasks).map(([id, task]) => [id, parseTask(id, task)] as const)
  const begun = isTime(begunAt) ? begunAt : undefined
  return { format, lesson, locale: known, begunAt: begun, tasks: Object.fromEntries(entries) }
}

const isMissing = (value: unknown): boolean => value === undefined || value === null

const isTime = (value: unknown): value is string =>
  typeof value === 'string' && value.length < 40 && !Number.isNaN(Date.parse(value))

function parseTask(id: string, value: unknown): TaskProgress {
  if (!TASK_ID.test(id) || !isRecord(value)) throw refusal(`tasks.${id.slice(0, 64)} is no task`)
  const { doneAt, hintsUsed, solved } = value
  if (!isTime(doneAt) && !isMissing(doneAt)) throw refusal(`tasks.${id}.doneAt is no time`)
  if (typeof hintsUsed !== 'number' || !Number.isInteger(hintsUsed) || hintsUsed < 0)
    throw refusal(`tasks.${id}.hintsUsed is no count`)
  if (typeof solved !== 'boolean') throw refusal(`tasks.${id}.solved is neither true nor false`)
  return { doneAt: isTime(doneAt) ? doneAt : undefined, hintsUsed, solved }
}

const refusal = (why: string): EngineError =>
  new EngineError('corrupt', `this is no progress of a lesson: ${why}`)
