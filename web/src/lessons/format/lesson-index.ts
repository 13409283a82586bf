/** `lessons/index.yaml`: which lessons a site has, in the order in which one builds on the other. */
import { EngineError } from '../../../../guest/protocol/errors.ts'
import { list, pathText, Place, record, required, text, whole } from './decoder.ts'
import { readYaml } from './yaml-document.ts'

interface LessonIndex {
  format: number
  lessons: string[]
}

const MAX_LESSONS = 200

const index = record<LessonIndex>({
  format: required(whole(1, 1)),
  lessons: required(
    list(text({ max: 64, pattern: /^[a-z0-9][a-z0-9-]*$/, wanted: 'a lesson’s name' }), MAX_LESSONS),
  ),
})

/** Names of the lessons. @throws EngineError `corrupt`, with the first fault */
export function readLessonIndex(content: string, file: string): string[] {
  const faults: string[] = []
  const document = readYaml(content)
  if ('message' in document) faults.push(`${document.line}: ${document.message}`)
  const place = new Place((path, message) => faults.push(`${pathText(path)}: ${message}`))
  const decoded = 'message' in document ? undefined : index(document.value, place)
  const names = decoded?.lessons ?? []
  if (new Set(names).size < names.length) faults.push('lessons: a name is there twice')
  if (faults.length > 0) throw new EngineError('corrupt', `${file}: ${faults[0]}`, { file })
  return names
}
