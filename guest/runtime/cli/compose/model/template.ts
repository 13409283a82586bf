/** Substitutes `${NAME:-default}` and its relations, as compose-go's template package does. */
import { ModelError } from './compose-error.ts'

/** Returns undefined for a variable that is not set. */
export type Lookup = (name: string) => string | undefined

/** Called for each variable that is not set and has no default. */
export type OnUnset = (name: string) => void

/** Thrown for a `$` that begins no substitution. */
export class InvalidTemplate extends Error {
  readonly template: string

  constructor(template: string) {
    super(`Invalid template: ${JSON.stringify(template)}`)
    this.template = template
  }
}

const PATTERN = /\$(?:(\$)|([_a-z][_a-z0-9]*)|\{(?:([_a-z][_a-z0-9]*(?::?[-+?](?:.*))?)\}|()))/gi

type Operator = ':?' | '?' | ':-' | '-' | ':+' | '+'

const OPERATORS: readonly Operator[] = [':?', '?', ':-', '-', ':+', '+']

/** The operator that comes first; of two at one place, the one with the colon. */
function operatorOf(text: string): Operator {
  let best: { operator: Operator; at: number } | undefined
  for (const operator of OPERATORS) {
    const at = text.indexOf(operator)
    if (at >= 0 && (best === undefined || at < best.at)) best = { operator, at }
  }
  return best?.operator ?? ':?'
}

/** The position of the brace that closes the one which opens the text. */
function closingBrace(text: string): number {
  let open = 0
  for (let at = 0; at < text.length; at += 1) {
    if (text[at] === '}') {
      open -= 1
      if (open === 0) return at
    }
    if (text[at] === '{') {
      open += 1
      at += 1
    }
  }
  return -1
}

/** @returns undefined when the operator isn't there */
function applyOperator(
  expression: string,
  operator: Operator,
  lookup: Lookup,
  onUnset: OnUnset,
): string | undefined {
  const at = expression.indexOf(operator)
  if (at < 0) return undefined
  const name = expression.slice(0, at)
  const operand = substitute(expression.slice(at + operator.length), lookup, onUnset)
  const value = lookup(name)
  const present = value !== undefined && (!operator.startsWith(':') || value !== '')
  if (operator.endsWith('-')) return present ? value : operand
  if (operator.endsWith('+')) return present ? operand : (value ?? '')
  if (present) return value
  const reason = operand === '' ? '' : `: ${operand}`
  throw new ModelError(`required variable ${name} is missing a value${reason}`)
}

function replace(found: string, template: string, lookup: Lookup, onUnset: OnUnset): string {
  const operator = operatorOf(found)
  const end = closingBrace(found)
  const rest = end < 0 ? '' : found.slice(end + 1)
  const own = end < 0 ? found : found.slice(0, end + 1)
  const [, escaped, named, braced] = new RegExp(PATTERN.source, 'i').exec(own) ?? []
  if (escaped !== undefined) return escaped
  const expression = named ?? braced ?? ''
  if (expression === '') throw new InvalidTemplate(template)
  if (named === undefined) {
    const value = applyOperator(expression, operator, lookup, onUnset)
    if (value !== undefined) return value + substitute(rest, lookup, onUnset)
  }
  const value = lookup(expression)
  if (value === undefined) onUnset(expression)
  return value ?? ''
}

/** @throws InvalidTemplate, ModelError for a required variable */
export function substitute(template: string, lookup: Lookup, onUnset: OnUnset): string {
  if (!template.includes('$')) return template
  return template.replace(PATTERN, (found) => replace(found, template, lookup, onUnset))
}
