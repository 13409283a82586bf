/** Why a check does not hold, as a sentence for authors; the page has its own in each language. */
import type { Amount, Matcher } from '../../../web/src/lessons/format/check.ts'
import type { Unmet } from '../../../web/src/lessons/checks/evaluate.ts'

const amountText = ({ compare, value }: Amount): string =>
  compare === '=' ? `${value}` : `${compare} ${value}`

function matcherText(matcher: Matcher): string {
  switch (matcher.kind) {
    case 'text':
      return `“${matcher.glob}”`
    case 'texts':
      return matcher.globs.map((glob) => `“${glob}”`).join(' and ')
    case 'amount':
      return amountText(matcher.amount)
    case 'flag':
      return String(matcher.value)
  }
}

/** `file {"path":"/x"}: text is “a”, and “b*” is wanted` */
export function unmetText({ condition, negated, matching, field, found }: Unmet): string {
  const { kind, query, fields, count } = condition
  const asked = Object.keys(query).length === 0 ? kind : `${kind} ${JSON.stringify(query)}`
  const wanted = fields.map(([name, matcher]) => `${name} ${matcherText(matcher)}`).join(', ')
  const what = wanted === '' ? asked : `${asked} with ${wanted}`
  if (negated) return `${what} is there, and should not be`
  const matcher = fields.find(([name]) => name === field)?.[1]
  if (field === undefined || matcher === undefined)
    return `of ${what} there are ${matching}, and ${amountText(count)} are wanted`
  return `${asked}: ${field} is ${JSON.stringify(found)?.slice(0, 300) ?? 'not known'}, and ${matcherText(matcher)} is wanted`
}
