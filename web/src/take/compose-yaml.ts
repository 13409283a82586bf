/**
 * Writes a compose file as YAML 1.2 that go-yaml, the reader of Compose, takes for the same. Strings that could be read as
 * anything else stand in double quotes.
 */
export type ComposeValue = string | number | boolean | readonly ComposeValue[] | ComposeMap
export interface ComposeMap {
  readonly [key: string]: ComposeValue | undefined
}

/** Begins with a letter or one of `/ . _`, and no sign within it means anything to YAML. */
const PLAIN = /^[A-Za-z/._][\w./@%+=-]*(?::[\w./@%+=-]+)*$/
/** What YAML 1.1 takes for a boolean, nothing, a number or a merge. */
const MEANT = /^(?:y|n|yes|no|on|off|true|false|null|\.|[.][\d_]+.*|[.](?:inf|nan))$/i
/** Beyond JSON's own escapes: what go-yaml refuses in a file, or reads as the end of a line. */
const UNPRINTABLE = /[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]|\p{Cs}/gu

function scalar(value: string | number | boolean): string {
  if (typeof value !== 'string') return String(value)
  return PLAIN.test(value) && !MEANT.test(value) ? value : quoted(value)
}

const quoted = (text: string): string =>
  JSON.stringify(text.replaceAll(/\p{Cs}/gu, '\ufffd')).replaceAll(
    UNPRINTABLE,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )

/** Compose puts variables of the environment into values, not into keys: `$$` is a dollar sign. */
const withoutVariables = (value: string): string => value.replaceAll('$', () => '$$')

const isMap = (value: ComposeValue): value is ComposeMap => typeof value === 'object' && !Array.isArray(value)
const isList = (value: ComposeValue): value is readonly ComposeValue[] => Array.isArray(value)

/** Keys without a value are left out. */
const entriesOf = (map: ComposeMap): [string, ComposeValue][] =>
  Object.entries(map).filter((entry): entry is [string, ComposeValue] => entry[1] !== undefined)

function lines(value: ComposeValue): string[] {
  if (isMap(value)) return entriesOf(value).flatMap(([key, inner]) => under(`${scalar(key)}:`, inner))
  if (isList(value)) return value.flatMap(listItem)
  return [scalar(typeof value === 'string' ? withoutVariables(value) : value)]
}

/** A key with what belongs to it: on its line when that is one word, on lines below when it is more. */
function under(head: string, value: ComposeValue): string[] {
  if (isMap(value)) {
    return entriesOf(value).length === 0 ? [`${head} {}`] : [head, ...lines(value).map((line) => `  ${line}`)]
  }
  if (isList(value)) {
    if (value.every((item) => typeof item === 'string')) return strings(head, value)
    return [head, ...lines(value).map((line) => `  ${line}`)]
  }
  return [`${head} ${lines(value)[0]}`]
}

/** A list of words stands on one line while it is short, as commands are written. */
function strings(head: string, words: readonly string[]): string[] {
  const items = words.map((word) => scalar(withoutVariables(word)))
  const line = `${head} [${words.map((word) => quoted(withoutVariables(word))).join(', ')}]`
  return line.length <= 100 ? [line] : [head, ...items.map((item) => `  - ${item}`)]
}

function listItem(item: ComposeValue): string[] {
  if (isList(item)) return under('-', item)
  return lines(item).map((line, index) => `${index === 0 ? '- ' : '  '}${line}`)
}

/** @param file every string in it is meant as it is: `$` is doubled here */
export const composeYaml = (file: ComposeMap): string => `${lines(file).join('\n')}\n`
