/** A lesson from the texts of its folder, wherever that comes from: this site, a dropped folder, a zip, an author's disk. */
import { LOCALES, type Locale } from '../../i18n/catalogue.ts'
import { compareLanguages, compareWithLogic, type ReportDisagreement } from './agreement.ts'
import { decodeLogic } from './decode-logic.ts'
import { pathText, Place } from './decoder.ts'
import type { Lesson, Logic, Prose } from './lesson.ts'
import type { Problem } from './problem.ts'
import { readProse } from './read-prose.ts'
import { readYaml } from './yaml-document.ts'

export const LOGIC_FILE = 'lesson.yaml'

export const proseFile = (locale: Locale): string => `${locale}.md`

/** The files that make a lesson. */
export const LESSON_FILES: readonly string[] = [LOGIC_FILE, ...LOCALES.map(proseFile)]

/** Texts by name; what is not there is missing. */
export type LessonTexts = Readonly<Record<string, string | undefined>>

export type ReadLesson = { lesson: Lesson; problems: [] } | { lesson: undefined; problems: Problem[] }

const NAME = /^[a-z0-9][a-z0-9-]{0,63}$/

/** More faults than anyone reads: a hostile file has thousands, and each one's line has to be looked up. */
const MAX_PROBLEMS = 100

/** Never throws: a lesson, or what is wrong with it, in the order of its files. */
export function readLesson(name: string, texts: LessonTexts): ReadLesson {
  const problems: Problem[] = []
  const report: Report = (make) => problems.length < MAX_PROBLEMS && problems.push(make())
  if (!NAME.test(name))
    report(() => problem('', 0, `“${name.slice(0, 64)}” is no name of a lesson (a-z, 0-9 and -)`))
  for (const file of LESSON_FILES) if (texts[file] === undefined) report(() => problem(file, 0, 'is missing'))
  const logic = readLogic(texts[LOGIC_FILE], report)
  const prose = readLanguages(texts, logic, report)
  if (problems.length > 0 || logic === undefined) return { lesson: undefined, problems }
  return { lesson: { name, ...logic, files: [], unsupported: [], prose }, problems: [] }
}

type Report = (make: () => Problem) => void

const problem = (file: string, line: number, message: string, path = ''): Problem => ({
  file,
  line: line === 0 ? undefined : line,
  path,
  message,
})

function readLogic(text: string | undefined, report: Report): Logic | undefined {
  if (text === undefined) return undefined
  const document = readYaml(text)
  if ('message' in document) {
    report(() => problem(LOGIC_FILE, document.line, document.message))
    return undefined
  }
  const place = new Place((path, message) =>
    report(() => problem(LOGIC_FILE, document.lineOf(path), message, pathText(path))),
  )
  return decodeLogic(document.value, place)
}

function readLanguages(texts: LessonTexts, logic: Logic | undefined, report: Report): Record<Locale, Prose> {
  const read = LOCALES.map((locale) => {
    const file = proseFile(locale)
    const { prose, lines } = readProse(texts[file] ?? '', (line, message) => {
      if (texts[file] !== undefined) report(() => problem(file, line, message))
    })
    const disagree: ReportDisagreement = (step, message) =>
      report(() => problem(file, step === undefined ? 0 : (lines.get(step) ?? 0), message))
    return { locale, prose, disagree, there: texts[file] !== undefined }
  })
  const [original, ...translations] = read
  for (const { prose, disagree, there } of read) if (logic && there) compareWithLogic(logic, prose, disagree)
  for (const { prose, disagree, there } of translations)
    if (there && original!.there) compareLanguages(original!.prose, prose, disagree)
  return Object.fromEntries(read.map(({ locale, prose }) => [locale, prose])) as Record<Locale, Prose>
}
