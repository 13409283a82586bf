/** Parses the arguments of a line in the form that its instruction has them, with the errors of BuildKit's line parsers. */
import { EngineError } from '../../../../protocol/errors.ts'
import { splitOnce, splitWhitespace, splitWords } from './split-line.ts'

export interface KeyValue {
  key: string
  value: string
}

export interface LineArguments {
  words: string[]
  /** The words were written as a JSON array. */
  json: boolean
  /** Names and values, for ENV and LABEL. */
  pairs: KeyValue[]
  /** The instruction that ONBUILD is followed by. */
  trigger?: string
}

const NONE: LineArguments = { words: [], json: false, pairs: [] }
const words = (list: string[]): LineArguments => ({ ...NONE, words: list })

/** The words of a JSON array; undefined for any other text. */
function jsonWords(rest: string): LineArguments | undefined {
  if (!rest.startsWith('[')) return undefined
  let list: unknown
  try {
    list = JSON.parse(rest)
  } catch {
    return undefined
  }
  if (!Array.isArray(list)) return undefined
  if (!list.every((word) => typeof word === 'string'))
    throw new EngineError('invalid', 'when using JSON array syntax, arrays must be comprised of strings only')
  return { ...NONE, words: list as string[], json: true }
}

const whole = (rest: string): LineArguments => words(rest === '' ? [] : [rest])
const maybeJson = (rest: string): LineArguments => jsonWords(rest) ?? whole(rest)
const maybeJsonList = (rest: string): LineArguments => jsonWords(rest) ?? words(splitWhitespace(rest))

function keyValues(name: string, rest: string, escape: string): LineArguments {
  const list = splitWords(rest, escape)
  if (list.length === 0) return NONE
  if (!list[0]!.includes('=')) {
    // In the old form, a name is followed by its value, which is all the rest.
    const [key, value] = splitOnce(rest)
    if (value === undefined) throw new EngineError('invalid', `${name} must have two arguments`)
    return { ...NONE, pairs: [{ key, value }] }
  }
  const pairs = list.map((word) => {
    const equals = word.indexOf('=')
    if (equals < 0)
      throw new EngineError(
        'invalid',
        `Syntax error - can't find = in "${word}". Must be of the form: name=value`,
      )
    return { key: word.slice(0, equals), value: word.slice(equals + 1) }
  })
  return { ...NONE, pairs }
}

function healthcheck(rest: string): LineArguments {
  const [type, command] = splitOnce(rest)
  if (type === '') return NONE
  const { words: list, json } = maybeJson(command ?? '')
  return { ...NONE, words: [type, ...list], json }
}

type LineParser = (rest: string, escape: string) => LineArguments

const PARSERS = {
  add: maybeJsonList,
  arg: (rest, escape) => words(splitWords(rest, escape)),
  cmd: maybeJson,
  copy: maybeJsonList,
  entrypoint: maybeJson,
  env: (rest, escape) => keyValues('ENV', rest, escape),
  expose: (rest) => words(splitWhitespace(rest)),
  from: (rest) => words(splitWhitespace(rest)),
  healthcheck,
  label: (rest, escape) => keyValues('LABEL', rest, escape),
  maintainer: whole,
  onbuild: (rest) => (rest === '' ? NONE : { ...NONE, trigger: rest }),
  run: maybeJson,
  shell: maybeJson,
  stopsignal: whole,
  user: whole,
  volume: maybeJsonList,
  workdir: whole,
} satisfies Record<string, LineParser>

export type InstructionName = keyof typeof PARSERS
export const INSTRUCTION_NAMES = Object.keys(PARSERS) as InstructionName[]

export const isInstructionName = (name: string): name is InstructionName => Object.hasOwn(PARSERS, name)

/** Parses the arguments. An unknown instruction has none: it is refused later, with its line. */
export const lineArguments = (name: string, rest: string, escape: string): LineArguments =>
  isInstructionName(name) ? PARSERS[name](rest, escape) : NONE
