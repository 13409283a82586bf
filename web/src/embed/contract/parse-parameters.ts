/** Reads the address of embed.html; what no version of it has is refused with a sentence, in the reader's language. */
import { LOCALES, type MessageKey, type MessageParameters } from '../../i18n/catalogue.ts'
import { LAYOUTS } from '../../lessons/format/lesson.ts'
import { LESSON_PANELS } from '../../lessons/format/panels.ts'
import { BOOT_TIMES, DEFAULTS, EMBED_THEMES, type EmbedParameters } from './parameters.ts'
import { decodeRun, MAX_RUN } from './run-text.ts'

/** A sentence of the catalogue that names the parameter and what is allowed. */
export interface ParameterProblem {
  key: MessageKey
  parameters: MessageParameters
}

const MAX_TERMINALS = 4
/** Characters of a wrong value that are told. */
const TOLD = 60
/** Names of lessons and ids of their steps. */
const NAME = /^[a-z0-9-]{1,64}$/

type Reading<Value> = { value: Value } | ParameterProblem

/** The parameters of the query, by name. */
const READERS = {
  lesson: name,
  step: name,
  boot: choice(BOOT_TIMES),
  layout: choice(LAYOUTS),
  panels: listOf(Object.keys(LESSON_PANELS)),
  terminals: (parameter: string, value: string) => {
    const numbers = Array.from({ length: MAX_TERMINALS }, (_, index) => String(index + 1))
    const reading = choice(numbers)(parameter, value)
    return 'value' in reading ? { value: Number(reading.value) } : reading
  },
  lang: choice(['auto', ...LOCALES] as const),
  theme: choice(EMBED_THEMES),
  autorun: (parameter: string, value: string) => {
    const reading = choice(['0', '1'])(parameter, value)
    return 'value' in reading ? { value: reading.value === '1' } : reading
  },
} satisfies {
  [Name in Exclude<keyof EmbedParameters, 'run'>]: (
    parameter: string,
    value: string,
  ) => Reading<EmbedParameters[Name]>
}

/** @param search as of a URL, from the `?` on, or empty; @param hash from the `#` on, or empty */
export function parseParameters(search: string, hash: string): EmbedParameters | ParameterProblem {
  const found: Record<string, unknown> = {}
  for (const [parameter, value] of new URLSearchParams(search)) {
    if (!Object.hasOwn(READERS, parameter))
      return problem('embed.wrong.unknown', parameter, { allowed: Object.keys(READERS).join(', ') })
    if (parameter in found) return problem('embed.wrong.twice', parameter)
    const reading = READERS[parameter as keyof typeof READERS](parameter, value)
    if (isProblem(reading)) return reading
    found[parameter] = reading.value
  }
  const run = parseHash(hash)
  if (isProblem(run)) return run
  const parameters = { ...DEFAULTS, ...found, run: run.value }
  return parameters.step !== undefined && parameters.lesson === undefined
    ? problem('embed.wrong.stepAlone', 'step')
    : parameters
}

export const isProblem = (parsed: object): parsed is ParameterProblem => 'key' in parsed

function parseHash(hash: string): Reading<string> {
  const encoded = /^#run=(.*)$/s.exec(hash)?.[1]
  if (encoded === undefined)
    return hash === '' || hash === '#'
      ? { value: '' }
      : problem('embed.wrong.unknown', hash.slice(0, TOLD), { allowed: '#run=' })
  const run = decodeRun(encoded)
  if ('text' in run) return { value: run.text }
  return run.wrong === 'long'
    ? problem('embed.wrong.runLong', 'run', { bytes: run.bytes, allowed: MAX_RUN })
    : problem('embed.wrong.run', 'run')
}

function choice<Choice extends string>(choices: readonly Choice[]) {
  return (parameter: string, value: string): Reading<Choice> => {
    const found = choices.find((each) => each === value)
    if (found !== undefined) return { value: found }
    return problem('embed.wrong.choice', parameter, { value, allowed: choices.join(', ') })
  }
}

/** One or several, with commas between them. */
function listOf(choices: readonly string[]) {
  const read = choice(choices)
  return (parameter: string, value: string): Reading<string[]> => {
    const values = value.split(',')
    const wrong = values.map((each) => read(parameter, each)).find(isProblem)
    return wrong ?? { value: [...new Set(values)] }
  }
}

function name(parameter: string, value: string): Reading<string> {
  return NAME.test(value) ? { value } : problem('embed.wrong.name', parameter, { value })
}

function problem(key: MessageKey, parameter: string, others: MessageParameters = {}): ParameterProblem {
  const { value, ...rest } = others
  const told: MessageParameters = { name: parameter.slice(0, TOLD), ...rest }
  if (value !== undefined) told['value'] = String(value).slice(0, TOLD)
  return { key, parameters: told }
}
