/** A folder that somebody brings along → a lesson: in our own format, of Killercoda, or a labspace of Docker. */
import { EngineError } from '../../../../guest/protocol/errors.ts'
import { LOCALES, type Locale } from '../../i18n/catalogue.ts'
import type { Lesson } from '../format/lesson.ts'
import { problemText } from '../format/problem.ts'
import { LESSON_FILES, LOGIC_FILE, readLesson } from '../format/read-lesson.ts'
import { plainText } from '../markdown/tree.ts'
import { ownName } from './build-lesson.ts'
import { filesOfLabspace, importLabspace, LABSPACE_FILE, parseLabspace } from './import-labspace.ts'
import {
  filesOfScenario,
  importKillercoda,
  isScenario,
  KILLERCODA_FILE,
  parseScenario,
} from './import-killercoda.ts'
import { imagesAtHand } from './images-at-hand.ts'
import { ImportReport } from './import-report.ts'
import { folderOf, resolvePath, textOf, type LessonFiles } from './lesson-files.ts'
import { LessonFolder } from './lesson-folder.ts'
import { LessonNeeds } from './lesson-needs.ts'

export type LessonKind = 'porthole' | 'labspace' | 'killercoda'

/** The file that says of which kind a folder is, the likeliest first. */
export const KIND_FILES: Readonly<Record<LessonKind, string>> = {
  porthole: LOGIC_FILE,
  labspace: LABSPACE_FILE,
  killercoda: KILLERCODA_FILE,
}

export interface ImportedLesson {
  kind: LessonKind
  lesson: Lesson
  /** The title in each language, for lists. */
  title: Readonly<Record<Locale, string>>
  /** The path, in the folder that was brought along, of a picture of the lesson. */
  pictureFile(picture: string): string | undefined
}

interface Found {
  kind: LessonKind
  root: string
}

/**
 * @param named the folder's name, for a lesson in our format
 * @param images references of images that the site has besides those of every site
 * @throws EngineError `not-found` for a folder without a lesson, `conflict` for one with several, `corrupt` or `invalid`
 *   with the first fault of its files
 */
export function importLesson(
  named: string,
  files: LessonFiles,
  images: Iterable<string> = [],
): ImportedLesson {
  const { kind, root } = findLesson(files.files)
  if (kind === 'porthole')
    return readOwn(root === '' ? named : root.slice(root.lastIndexOf('/') + 1), root, files)
  const report = new ImportReport()
  const folder = new LessonFolder(root, files, report)
  const needs = new LessonNeeds(report, imagesAtHand(images))
  const parse = kind === 'labspace' ? importLabspace : importKillercoda
  const lesson = parse(folder, report, needs)
  return { kind, lesson, title: titleOf(lesson), pictureFile: (picture) => folder.pictures.get(picture) }
}

function readOwn(named: string, root: string, { files }: LessonFiles): ImportedLesson {
  const inside = (path: string): string | undefined => resolvePath(root, path)
  const texts = LESSON_FILES.map((file) => {
    const bytes = files.get(inside(file)!)
    return [file, bytes === undefined ? undefined : textOf(bytes)]
  })
  const { lesson, problems } = readLesson(ownName(named), Object.fromEntries(texts))
  if (lesson === undefined) throw new EngineError('corrupt', problemText(problems[0]!))
  return { kind: 'porthole', lesson, title: titleOf(lesson), pictureFile: inside }
}

const titleOf = ({ prose }: Lesson): Record<Locale, string> =>
  Object.fromEntries(LOCALES.map((locale) => [locale, plainText(prose[locale].title)])) as Record<
    Locale,
    string
  >

/** The outermost folder that has one of the files; a repository has a folder for each of its lessons. */
function findLesson(files: ReadonlyMap<string, Uint8Array>): Found {
  const found = [...files.keys()].flatMap((path): Found[] => {
    const root = folderOf(path)
    const kind = (Object.keys(KIND_FILES) as LessonKind[]).find(
      (each) => (root === '' ? KIND_FILES[each] : `${root}/${KIND_FILES[each]}`) === path,
    )
    if (kind === undefined || (kind === 'killercoda' && !hasScenario(files.get(path)!))) return []
    return [{ kind, root }]
  })
  const depth = ({ root }: Found): number => (root === '' ? 0 : root.split('/').length)
  const least = Math.min(...found.map(depth))
  const outermost = found.filter((each) => depth(each) === least)
  const [first] = outermost
  if (first === undefined)
    throw new EngineError(
      'not-found',
      `this is no lesson: a folder with ${Object.values(KIND_FILES).join(', or ')} (of Killercoda) is wanted`,
    )
  const roots = [...new Set(outermost.map(({ root }) => root))]
  if (roots.length === 1) return first
  const names = roots.slice(0, 5).join(', ')
  throw new EngineError(
    'conflict',
    `there are ${roots.length} lessons here (${names}): choose the folder of one`,
  )
}

function hasScenario(bytes: Uint8Array): boolean {
  try {
    return isScenario(parseScenario(bytes).scenario)
  } catch (error) {
    if (error instanceof EngineError) return false
    throw error
  }
}

/** Paths of files that the file of a kind names, beside it, for those who cannot list the folder. */
export function namedFiles(kind: LessonKind, bytes: Uint8Array): string[] {
  const named =
    kind === 'porthole'
      ? [...LESSON_FILES]
      : kind === 'labspace'
        ? filesOfLabspace(parseLabspace(bytes).labspace)
        : filesOfScenario(parseScenario(bytes).scenario)
  return [...new Set(named.flatMap((path) => resolvePath('', path) ?? []))]
}
