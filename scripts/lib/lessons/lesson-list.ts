/** The list of a site's lessons, made of their files: what the page shows before one is opened. */
import { join } from 'node:path'
import { EngineError } from '../../../guest/protocol/errors.ts'
import { LOCALES, type Locale } from '../../../web/src/i18n/catalogue.ts'
import type { Lesson } from '../../../web/src/lessons/format/lesson.ts'
import { LIST_FORMAT, type LessonSummary } from '../../../web/src/lessons/library/lesson-list.ts'
import { plainText } from '../../../web/src/lessons/markdown/tree.ts'
import { listFiles, type FileMap } from '../publish.ts'
import { ownLessons, readLessonFolders } from './lesson-folder.ts'

function summaryOf({ name, minutes, tasks, prose }: Lesson): LessonSummary {
  const titles = LOCALES.map((locale) => [locale, plainText(prose[locale].title)])
  return {
    ...{ name, minutes, tasks: tasks.map(({ id }) => id) },
    title: Object.fromEntries(titles) as Record<Locale, string>,
  }
}

/**
 * The files of our own lessons as `lessons/` of the site holds them, and the text of its list.json. Rejects with an EngineError
 * that names the first fault of a lesson.
 */
export async function siteLessonFiles(): Promise<{ files: FileMap; list: string }> {
  const folders = await readLessonFolders(await ownLessons())
  const files: FileMap = new Map()
  const lessons = folders.map(({ name, lesson, problems }) => {
    if (lesson === undefined || problems.length > 0)
      throw new EngineError('invalid', `lessons/${name}/${problems[0]}`, { name })
    return summaryOf(lesson)
  })
  for (const { name, path } of folders)
    for (const file of await listFiles(path)) files.set(`${name}/${file}`, join(path, file))
  return { files, list: JSON.stringify({ format: LIST_FORMAT, lessons }) }
}
