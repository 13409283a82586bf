/** lesson.yaml → Logic. */
import { check } from './decode-check.ts'
import {
  flag,
  id,
  list,
  listById,
  optional,
  otherwise,
  record,
  required,
  script,
  text,
  whole,
  word,
  type Decode,
  type Place,
} from './decoder.ts'
import {
  LAYOUTS,
  LESSON_FORMAT,
  type Hint,
  type Logic,
  type Quiz,
  type Task,
  type Terminal,
} from './lesson.ts'
import { LESSON_PANELS } from './panels.ts'

const MAX_TASKS = 40
const MAX_HINTS = 12
const MAX_MINUTES = 120

const format: Decode<typeof LESSON_FORMAT> = (value, place) =>
  value === LESSON_FORMAT
    ? LESSON_FORMAT
    : place.refuse(`this page reads lessons of format ${LESSON_FORMAT}, not of format ${String(value)}`)

const image = text({
  max: 255,
  pattern: /^[a-z0-9][a-z0-9._/:@-]*$/,
  wanted: 'an image’s reference',
})

const terminalRecord = record<Terminal>({
  name: required(id),
  container: optional(
    text({ max: 128, pattern: /^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/, wanted: 'a container’s name' }),
  ),
})

const terminal: Decode<Terminal> = (value, place) => {
  if (typeof value !== 'string') return terminalRecord(value, place)
  const name = id(value, place)
  return name === undefined ? undefined : { name, container: undefined }
}

const hint = record<Hint>({ id: required(id), when: optional(check) })

const task = record<Task>({
  id: required(id),
  needs: otherwise(list(id, MAX_TASKS), []),
  check: required(check),
  fail: optional(check),
  hints: otherwise(listById(hint, MAX_HINTS), []),
  solve: required(script),
  challenge: otherwise(flag, false),
  asked: otherwise(flag, false),
})

const answers: Decode<number[]> = (value, place) => {
  const positions = list(whole(1, 9), 9)(Array.isArray(value) ? value : [value], place)
  if (positions === undefined) return undefined
  if (positions.length === 0 || new Set(positions).size < positions.length)
    return place.refuse('positions of the right options are wanted, each one time')
  return positions
}

const quiz = record<Quiz>({ id: required(id), answers: required(answers) })

const logic = record<Omit<Logic, 'quizzes'> & { quiz: Quiz[] }>({
  format: required(format),
  minutes: required(whole(1, MAX_MINUTES)),
  images: otherwise(list(image, 20), []),
  terminals: otherwise(list(terminal, 4), [{ name: 'host', container: undefined }]),
  layout: otherwise(word(LAYOUTS), 'split'),
  panels: otherwise(list(word(Object.keys(LESSON_PANELS)), 8), []),
  start: optional(script),
  tasks: required(listById(task, MAX_TASKS)),
  quiz: otherwise(listById(quiz, MAX_TASKS), []),
  notes: otherwise(list(id, MAX_TASKS), []),
})

/** Tells the place of each fault; undefined when there is one. */
export function decodeLogic(value: unknown, place: Place): Logic | undefined {
  const decoded = logic(value, place)
  if (decoded === undefined) return undefined
  const { quiz: quizzes, ...rest } = decoded
  const before = new Set<string>()
  rest.tasks.forEach(({ id, needs }, at) => {
    needs.forEach((need, which) => {
      const there = place.at('tasks').at(at).at('needs').at(which)
      if (!before.has(need)) there.refuse(`“${need}” is no task before this one`)
    })
    before.add(id)
  })
  if (rest.tasks.length === 0)
    place.at('tasks').refuse('a lesson ends with something the learner made: one task at least')
  if (rest.terminals.length === 0) place.at('terminals').refuse('one terminal at least is needed')
  return { ...rest, quizzes }
}
