/** Where the page gets lessons from: the folder `lessons/` of its own site. */
import { EngineError } from '../../../../guest/protocol/errors.ts'
import type { Lesson } from '../format/lesson.ts'
import { problemText } from '../format/problem.ts'
import { LESSON_NAME, parseLessonList, type LessonSummary } from './lesson-list.ts'

export interface LessonSite {
  /** Rejects with EngineError: `unavailable` without a network, `corrupt` for what is no list. */
  list(): Promise<LessonSummary[]>
  /** Rejects with EngineError: `unavailable`, `not-found`, `invalid` for no name, `corrupt` with the first fault of its files. */
  lesson(name: string): Promise<Lesson>
  /** The address of a file of a lesson's folder, such as a picture. */
  address(name: string, path: string): string
}

/** Bytes: more than any text of a lesson may have. */
const MAX_BYTES = 1 << 20

/** @param base the address of the site's folder of lessons, with a slash at its end */
export function siteLessons(base: string, get: typeof fetch = fetch): LessonSite {
  const address = (name: string, path: string): string => new URL(`${name}/${path}`, base).href
  return {
    address,
    list: async () => parseLessonList(parsed(await textAt(new URL('list.json', base).href, get))),
    lesson: async (name) => {
      // The name may come from a link, and must not lead out of the folder.
      if (!LESSON_NAME.test(name))
        throw new EngineError('invalid', `“${name.slice(0, 64)}” is no name of a lesson`)
      // Parsers of YAML and Markdown are as large as the rest of the page: they come with the first lesson.
      const { LESSON_FILES, readLesson } = await import('../format/read-lesson.ts')
      const texts = await Promise.all(
        LESSON_FILES.map(async (file) => [file, await textAt(address(name, file), get)] as const),
      )
      const { lesson, problems } = readLesson(name, Object.fromEntries(texts))
      if (lesson === undefined)
        throw new EngineError('corrupt', `the lesson “${name}”: ${problemText(problems[0]!)}`, { name })
      return lesson
    },
  }
}

/** The site with these lessons alone, in this order, for a link that a class gets; names that it does not have are left out. */
export function chosenLessons(site: LessonSite, names: readonly string[]): LessonSite {
  const list = async (): Promise<LessonSummary[]> => {
    const all = await site.list()
    return names.flatMap((name) => all.find((lesson) => lesson.name === name) ?? [])
  }
  return { ...site, list }
}

async function textAt(url: string, get: typeof fetch): Promise<string> {
  let response: Response
  try {
    response = await get(url)
  } catch (error) {
    throw new EngineError('unavailable', `${url} cannot be reached`, { url }, error)
  }
  if (response.status === 404) throw new EngineError('not-found', `${url} is not there`, { url })
  if (!response.ok) throw new EngineError('unavailable', `${url} answered ${response.status}`, { url })
  const bytes = await response.arrayBuffer()
  if (bytes.byteLength > MAX_BYTES) throw new EngineError('too-large', `${url} is larger than 1 MiB`, { url })
  return new TextDecoder().decode(bytes)
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new EngineError('corrupt', 'lessons/list.json: it is no JSON', {}, error)
  }
}
