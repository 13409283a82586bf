/** Lessons as folders of this machine: read, and checked as far as that goes without a guest. */
import { createReadStream } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { text } from 'node:stream/consumers'
import { EngineError } from '../../../guest/protocol/errors.ts'
import { LOCALES } from '../../../web/src/i18n/catalogue.ts'
import { readLessonIndex } from '../../../web/src/lessons/format/lesson-index.ts'
import type { Lesson } from '../../../web/src/lessons/format/lesson.ts'
import { problemText } from '../../../web/src/lessons/format/problem.ts'
import { LESSON_FILES, proseFile, readLesson } from '../../../web/src/lessons/format/read-lesson.ts'
import { linksIn, passagesOf, picturesIn } from '../../../web/src/lessons/format/references.ts'
import { projectRoot } from '../paths.ts'

export const lessonsDir = join(projectRoot, 'lessons')
const INDEX = 'index.yaml'

export interface LessonFolder {
  name: string
  path: string
  lesson: Lesson | undefined
  /** Sentences with file and line. */
  problems: string[]
}

/** Bytes: one character more than any text of a lesson may have, whichever these are. */
const MAX_READ = 1 << 20

/** A folder of someone else's may have anything under these names: a pipe, a device. */
async function isFile(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile()
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'ELOOP') return false
    throw error
  }
}

/** The beginning of a file, of which what is too long for a lesson is refused like a whole one. */
async function textOf(path: string): Promise<string | undefined> {
  if (!(await isFile(path))) return undefined
  return text(createReadStream(path, { end: MAX_READ - 1 }))
}

/** The folders of our own lessons in their order. @throws EngineError when the index and the folders differ */
export async function ownLessons(): Promise<string[]> {
  const names = readLessonIndex((await textOf(join(lessonsDir, INDEX))) ?? '', INDEX)
  const folders = (await readdir(lessonsDir, { withFileTypes: true })).filter((entry) => entry.isDirectory())
  const unknown = folders.map(({ name }) => name).filter((name) => !names.includes(name))
  if (unknown.length > 0)
    throw new EngineError('invalid', `lessons/${INDEX} does not name ${unknown.join(', ')}`)
  return names.map((name) => join(lessonsDir, name))
}

/** Reads the lessons, and compares what they say of each other. */
export async function readLessonFolders(paths: readonly string[]): Promise<LessonFolder[]> {
  const folders = await Promise.all(paths.map(readLessonFolder))
  for (const folder of folders) await checkReferences(folder, folders)
  return folders
}

async function readLessonFolder(given: string): Promise<LessonFolder> {
  const path = resolve(given)
  const name = basename(path)
  const texts = Object.fromEntries(
    await Promise.all(LESSON_FILES.map(async (file) => [file, await textOf(join(path, file))] as const)),
  )
  const { lesson, problems } = readLesson(name, texts)
  return { name, path, lesson, problems: problems.map(problemText) }
}

/** Links to other lessons and pictures lead somewhere. A lesson beside this one counts, whether it is checked or not. */
async function checkReferences(folder: LessonFolder, folders: readonly LessonFolder[]): Promise<void> {
  const { lesson, path, problems } = folder
  if (lesson === undefined) return
  for (const locale of LOCALES) {
    for (const { step, content } of passagesOf(lesson.prose[locale])) {
      const place = `${proseFile(locale)}${step === undefined ? '' : ` (${step})`}`
      for (const picture of picturesIn(content))
        if (!(await isFile(join(path, picture)))) problems.push(`${place}: there is no ${picture}`)
      for (const target of linksIn(content)) {
        if (target.kind !== 'lesson') continue
        const beside =
          folders.find(({ name }) => name === target.lesson) ??
          (await readLessonFolder(join(path, '..', target.lesson)))
        const steps = beside.lesson?.prose[locale].steps.map(({ id }) => id)
        if (steps === undefined) problems.push(`${place}: there is no lesson “${target.lesson}”`)
        else if (target.step !== undefined && !steps.includes(target.step))
          problems.push(`${place}: the lesson “${target.lesson}” has no step “${target.step}”`)
      }
    }
  }
}
