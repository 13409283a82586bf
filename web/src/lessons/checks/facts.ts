/** What was found on the machine at one time; the evaluator looks at nothing else. */
import type { Condition, Subject, Thing } from '../format/check.ts'

/** Subjects of which the facts have all things, and conditions choose among them. */
export const LISTED = [
  'container',
  'image',
  'network',
  'volume',
  'process',
  'typed',
] as const satisfies Subject[]
export type Listed = (typeof LISTED)[number]

export const isListed = (subject: Subject): subject is Listed =>
  (LISTED as readonly Subject[]).includes(subject)

export interface Facts {
  things: Readonly<Record<Listed, readonly Thing[]>>
  /** By `probeKey`; a probe that found nothing, such as a file that is not there, is missing. */
  probes: ReadonlyMap<string, Thing>
}

/** What a condition looks at, when it is one certain thing. */
export const probeKey = ({ kind, query }: Pick<Condition, 'kind' | 'query'>): string =>
  JSON.stringify([kind, ...Object.entries(query).sort(([a], [b]) => (a < b ? -1 : 1))])

/** The things among which a condition chooses. */
export function thingsFor(condition: Condition, facts: Facts): readonly Thing[] {
  if (isListed(condition.kind)) return facts.things[condition.kind]
  const found = facts.probes.get(probeKey(condition))
  return found === undefined ? [] : [found]
}
