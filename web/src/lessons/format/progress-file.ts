/** The file in which a learner takes progress along: to another browser, or to a teacher. It may be anything. */
import { EngineError } from '../../../../guest/protocol/errors.ts'
import { isRecord } from '../../../../guest/protocol/wire/is-record.ts'
import { parseProgress, type Progress } from './progress.ts'

export const PROGRESS_FILE_FORMAT = 1

export interface ProgressFile {
  format: typeof PROGRESS_FILE_FORMAT
  /** The name that the learner gave, or nothing. */
  learner: string
  lessons: readonly Progress[]
}

/** Characters of a learner's name. */
export const MAX_LEARNER = 80
const MAX_CHARACTERS = 1 << 20
const MAX_LESSONS = 200

export const progressFileText = (learner: string, lessons: readonly Progress[]): string =>
  `${JSON.stringify({ format: PROGRESS_FILE_FORMAT, learner, lessons } satisfies ProgressFile, null, 1)}\n`

/** @throws EngineError `corrupt`, with what is wrong */
export function parseProgressFile(text: string): ProgressFile {
  if (text.length > MAX_CHARACTERS) throw refusal(`it has more than ${MAX_CHARACTERS} characters`)
  const value = parsed(text)
  if (!isRecord(value)) throw refusal('it is no mapping')
  const { format, learner, lessons } = value
  if (format !== PROGRESS_FILE_FORMAT)
    throw refusal(`its format is ${String(format).slice(0, 20)}, not ${PROGRESS_FILE_FORMAT}`)
  if (typeof learner !== 'string' || learner.length > MAX_LEARNER) throw refusal('learner is no name')
  if (!Array.isArray(lessons) || lessons.length > MAX_LESSONS) throw refusal('lessons is no list of lessons')
  return { format, learner, lessons: lessons.map(parseProgress) }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new EngineError('corrupt', 'this is no file of progress: it is no JSON', {}, error)
  }
}

const refusal = (why: string): EngineError =>
  new EngineError('corrupt', `this is no file of progress: ${why}`)
