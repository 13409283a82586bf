/** Replaces `$name` and `${name…}`. */
import type { LexCursor } from './lex-cursor.ts'
import { replace, trimPrefix, trimSuffix } from './shell-pattern.ts'

export type Variables = ReadonlyMap<string, string>

export interface Substitution {
  cursor: LexCursor
  variables: Variables
  /** A variable that is not set stays as it was written. */
  skipUnset: boolean
  /** The text up to a character, its own variables replaced. */
  until(stop: string, rawEscapes: boolean): string
}

/** Replaces the variable before the cursor, which stands after the `$`. */
export function substitute(substitution: Substitution): string {
  const { cursor, variables, skipUnset } = substitution
  if (cursor.peek === '{') {
    cursor.next()
    return braced(substitution)
  }
  const name = cursor.name()
  if (name === '') return '$'
  return variables.get(name) ?? (skipUnset ? `$${name}` : '')
}

function braced(substitution: Substitution): string {
  const { cursor, variables, skipUnset } = substitution
  if (cursor.peek === undefined) throw new Error("syntax error: missing '}'")
  if ('{}:'.includes(cursor.peek)) throw new Error('syntax error: bad substitution')
  const name = cursor.name()
  const first = cursor.next()
  if (first === undefined) throw new Error("syntax error: missing '}'")
  if (first === '}') return variables.get(name) ?? (skipUnset ? `\${${name}}` : '')
  if (first === '/') return replaced(substitution, name)
  const colon = first === ':'
  const modifier = (colon ? cursor.next() : first) ?? ''
  const written = colon ? `:${modifier}` : modifier
  if (modifier === '' || !'+-?#%'.includes(modifier) || (colon && '#%'.includes(modifier)))
    throw new Error(`unsupported modifier (${written}) in substitution`)
  const word = upTo(substitution, '}', '#%'.includes(modifier), "syntax error: missing '}'")
  const value = variables.get(name)
  if (value === undefined && skipUnset) return `\${${name}${written}${word}}`
  return modified(name, value, modifier, word, colon)
}

function replaced(substitution: Substitution, name: string): string {
  const { cursor, variables, skipUnset } = substitution
  const all = cursor.peek === '/'
  if (all) cursor.next()
  const pattern = upTo(substitution, '/', true, "syntax error: missing '/' in ${}")
  const replacement = upTo(substitution, '}', true, "syntax error: missing '}'")
  const value = variables.get(name)
  if (value === undefined && skipUnset) return `\${${name}/${pattern}/${replacement}}`
  return replace(value ?? '', pattern, replacement, all)
}

function upTo(
  { cursor, until }: Substitution,
  stop: string,
  rawEscapes: boolean,
  whenMissing: string,
): string {
  try {
    return until(stop, rawEscapes)
  } catch (thrown) {
    if (cursor.peek === undefined) throw new Error(whenMissing, { cause: thrown })
    throw thrown
  }
}

/** The variable's text after its modifier; with `colon` an empty value counts as unset. */
function modified(
  name: string,
  value: string | undefined,
  modifier: string,
  word: string,
  colon: boolean,
): string {
  const missing = value === undefined || (colon && value === '')
  switch (modifier) {
    case '-':
      return missing ? word : value
    case '+':
      return missing ? '' : word
    case '?':
      if (!missing) return value
      throw new Error(`${name}: ${word || `is not allowed to be ${value === undefined ? 'unset' : 'empty'}`}`)
    default: {
      const greedy = word.startsWith(modifier)
      const pattern = greedy ? word.slice(1) : word
      return (modifier === '#' ? trimPrefix : trimSuffix)(value ?? '', pattern, greedy)
    }
  }
}
