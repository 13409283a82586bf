/** What a teacher sees of the files of a class: a row for each learner and lesson. */
import { doneTasks, type Progress } from './progress.ts'
import type { ProgressFile } from './progress-file.ts'

export interface ClassRow {
  learner: string
  lesson: string
  done: number
  /** How many tasks the lesson has; undefined for one that the site does not know. */
  tasks: number | undefined
  /** The first task that is not done; undefined when all are, or nobody knows which there are. */
  stoppedAt: string | undefined
  /** Minutes from the beginning to the last task that was done; undefined when either is missing. */
  minutes: number | undefined
  hints: number
  solutions: number
}

/** @param tasksOf ids of a lesson's tasks in order; undefined for a lesson that is not known */
export function classRows(
  files: readonly ProgressFile[],
  tasksOf: (lesson: string) => readonly string[] | undefined,
): ClassRow[] {
  return files.flatMap(({ learner, lessons }) =>
    lessons.map((progress) => rowOf(learner, progress, tasksOf(progress.lesson))),
  )
}

function rowOf(learner: string, progress: Progress, tasks: readonly string[] | undefined): ClassRow {
  const all = doneTasks(progress)
  const done = tasks === undefined ? all : tasks.filter((task) => all.includes(task))
  const of = Object.values(progress.tasks)
  return {
    ...{ learner, lesson: progress.lesson, done: done.length, tasks: tasks?.length },
    stoppedAt: tasks?.find((task) => !all.includes(task)),
    minutes: minutesOf(progress),
    hints: of.reduce((sum, { hintsUsed }) => sum + hintsUsed, 0),
    solutions: of.filter(({ solved }) => solved).length,
  }
}

function minutesOf({ begunAt, tasks }: Progress): number | undefined {
  const ends = Object.values(tasks).flatMap(({ doneAt }) =>
    doneAt === undefined ? [] : [Date.parse(doneAt)],
  )
  if (begunAt === undefined || ends.length === 0) return undefined
  return Math.max(0, Math.round((Math.max(...ends) - Date.parse(begunAt)) / 60_000))
}

const COLUMNS = [
  'learner',
  'lesson',
  'done',
  'tasks',
  'stoppedAt',
  'minutes',
  'hints',
  'solutions',
] as const satisfies (keyof ClassRow)[]

/** RFC 4180. What a spreadsheet would take for a formula gets a `'` before it: the names come from anyone. */
export function classCsv(rows: readonly ClassRow[]): string {
  const cell = (value: string | number | undefined): string => {
    const text = String(value ?? '')
    const tame = typeof value === 'string' && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text
    return /[",\r\n]/.test(tame) ? `"${tame.replaceAll('"', '""')}"` : tame
  }
  const lines = rows.map((row) => COLUMNS.map((column) => cell(row[column])).join(','))
  return [COLUMNS.join(','), ...lines].map((line) => `${line}\r\n`).join('')
}
