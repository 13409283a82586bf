/** Whether a check holds, of facts alone; and if not, what was wanted and what is there. */
import type { Amount, Check, Condition, FieldValue, Matcher, Thing } from '../format/check.ts'
import { thingsFor, type Facts } from './facts.ts'
import { matchesGlob } from './glob.ts'

export interface Unmet {
  condition: Condition
  /** The condition holds and should not. */
  negated: boolean
  /** How many things have all the fields. */
  matching: number
  /** The first field in which the nearest thing differs; undefined when there is no thing, or their number is wrong. */
  field: string | undefined
  found: FieldValue | undefined
}

export interface Verdict {
  holds: boolean
  /** Why it does not, for the first part that does not; undefined when it holds. */
  unmet: Unmet | undefined
}

const HOLDS: Verdict = { holds: true, unmet: undefined }

export function evaluate(check: Check, facts: Facts): Verdict {
  switch (check.kind) {
    case 'all':
      return check.of.map((part) => evaluate(part, facts)).find(({ holds }) => !holds) ?? HOLDS
    case 'any': {
      const verdicts = check.of.map((part) => evaluate(part, facts))
      return verdicts.find(({ holds }) => holds) ?? verdicts[0]!
    }
    case 'not':
      return evaluate(check.of, facts).holds ? { holds: false, unmet: negated(check.of, facts) } : HOLDS
    default:
      return evaluateCondition(check, facts)
  }
}

function evaluateCondition(condition: Condition, facts: Facts): Verdict {
  const things = thingsFor(condition, facts)
  const matching = countMatching(condition, things)
  if (compares(condition.count, matching)) return HOLDS
  const nearest = matching > 0 ? undefined : nearestOf(condition, things)
  const field = nearest && firstDifference(condition, nearest)
  const found = field === undefined ? undefined : nearest?.[field]
  return { holds: false, unmet: { condition, negated: false, matching, field, found } }
}

/** What holds and should not: the first condition of it that does. */
function negated(check: Check, facts: Facts): Unmet | undefined {
  if (check.kind === 'not') return evaluate(check.of, facts).unmet
  if (check.kind === 'all' || check.kind === 'any') {
    const holding = check.of.find((part) => evaluate(part, facts).holds)
    return holding && negated(holding, facts)
  }
  const matching = countMatching(check, thingsFor(check, facts))
  return { condition: check, negated: true, matching, field: undefined, found: undefined }
}

const firstDifference = ({ fields }: Condition, thing: Thing): string | undefined =>
  fields.find(([field, matcher]) => !matches(matcher, thing[field]))?.[0]

const countMatching = (condition: Condition, things: readonly Thing[]): number =>
  things.filter((thing) => firstDifference(condition, thing) === undefined).length

/**
 * The thing that was meant: the one with the most of the fields from the first on, since an author names the thing first;
 * of several, the one with the most fields at all.
 */
function nearestOf({ fields }: Condition, things: readonly Thing[]): Thing | undefined {
  const score = (thing: Thing): number => {
    const same = fields.map(([field, matcher]) => matches(matcher, thing[field]))
    const leading = same.includes(false) ? same.indexOf(false) : same.length
    return leading * fields.length + same.filter(Boolean).length
  }
  return things.reduce<Thing | undefined>(
    (best, thing) => (best === undefined || score(thing) > score(best) ? thing : best),
    undefined,
  )
}

export function matches(matcher: Matcher, value: FieldValue | undefined): boolean {
  switch (matcher.kind) {
    case 'text':
      return typeof value === 'string' && matchesGlob(matcher.glob, value)
    case 'texts':
      return isTexts(value) && matcher.globs.every((glob) => value.some((text) => matchesGlob(glob, text)))
    case 'amount':
      return typeof value === 'number' && compares(matcher.amount, value)
    case 'flag':
      return value === matcher.value
  }
}

const isTexts = (value: FieldValue | undefined): value is readonly string[] => Array.isArray(value)

function compares({ compare, value }: Amount, found: number): boolean {
  switch (compare) {
    case '=':
      return found === value
    case '!=':
      return found !== value
    case '<':
      return found < value
    case '<=':
      return found <= value
    case '>':
      return found > value
    case '>=':
      return found >= value
  }
}
