/** Which hint to give: one that answers what the learner did, before one that helps anyone. */
import type { Hint, Task } from '../format/lesson.ts'
import { evaluate } from './evaluate.ts'
import type { Facts } from './facts.ts'

/**
 * Of the hints whose `when` holds the first that was not given yet, or the first at all: it is still true. Otherwise the next
 * of the general ones, and after the last the last again. Undefined when there is none that fits.
 */
export function chooseHint({ hints }: Task, facts: Facts, given: ReadonlySet<string>): Hint | undefined {
  const fitting = hints.filter(({ when }) => when !== undefined && evaluate(when, facts).holds)
  const general = hints.filter(({ when }) => when === undefined)
  const isNew = ({ id }: Hint): boolean => !given.has(id)
  return fitting.find(isNew) ?? fitting[0] ?? general.find(isNew) ?? general.at(-1)
}
