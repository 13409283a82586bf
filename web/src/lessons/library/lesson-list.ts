/** `lessons/list.json`: what a site says of its lessons before one is opened. scripts/lib/lessons/lesson-list.ts writes it. */
import { EngineError } from '../../../../guest/protocol/errors.ts'
import { isRecord } from '../../../../guest/protocol/wire/is-record.ts'
import { LOCALES, type Locale } from '../../i18n/catalogue.ts'

export const LIST_FORMAT = 1

export interface LessonSummary {
  /** The name of its folder. */
  name: string
  title: Readonly<Record<Locale, string>>
  minutes: number
  /** Ids of its tasks, in order. */
  tasks: readonly string[]
}

const MAX_LESSONS = 200
const MAX_TASKS = 200
export const LESSON_NAME = /^[a-z0-9][a-z0-9-]{0,63}$/

/** The lessons in the order in which one builds on the other. @throws EngineError `corrupt`, with what is wrong */
export function parseLessonList(value: unknown): LessonSummary[] {
  if (!isRecord(value) || value.format !== LIST_FORMAT || !Array.isArray(value.lessons))
    throw refusal(`it is no list of format ${LIST_FORMAT}`)
  if (value.lessons.length > MAX_LESSONS) throw refusal(`it names more than ${MAX_LESSONS} lessons`)
  return value.lessons.map(parseSummary)
}

function parseSummary(value: unknown, at: number): LessonSummary {
  const place = `lessons[${at}]`
  if (!isRecord(value) || !isRecord(value.title)) throw refusal(`${place} is no lesson`)
  const { name, title, minutes, tasks } = value
  if (typeof name !== 'string' || !LESSON_NAME.test(name)) throw refusal(`${place}.name is no name`)
  if (typeof minutes !== 'number') throw refusal(`${place}.minutes is no number`)
  if (!isTexts(tasks) || tasks.length > MAX_TASKS) throw refusal(`${place}.tasks is no list of tasks`)
  const titles = LOCALES.map((locale) => {
    const words = title[locale]
    if (typeof words !== 'string') throw refusal(`${place}.title.${locale} is missing`)
    return [locale, words] as const
  })
  return { name, minutes, tasks, title: Object.fromEntries(titles) as Record<Locale, string> }
}

const isTexts = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((entry) => typeof entry === 'string')

const refusal = (why: string): EngineError => new EngineError('corrupt', `lessons/list.json: ${why}`)
