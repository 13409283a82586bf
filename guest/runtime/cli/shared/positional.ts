/** The sentences of docker/cli `cli/required.go` about positional arguments. */
import type { Positional } from './command.ts'

const counted = (count: number): string => `${count} ${count === 1 ? 'argument' : 'arguments'}`

function complaint(rule: Positional, given: number): string | undefined {
  switch (rule.rule) {
    case 'none':
      return given === 0 ? undefined : 'accepts no arguments'
    case 'exact':
      return given === rule.count ? undefined : `requires exactly ${counted(rule.count)}`
    case 'min':
      return given >= rule.count ? undefined : `requires at least ${counted(rule.count)}`
    case 'max':
      return given <= rule.count ? undefined : `requires at most ${counted(rule.count)}`
    case 'range':
      return given >= rule.min && given <= rule.max
        ? undefined
        : `requires at least ${rule.min} and at most ${counted(rule.max)}`
  }
}

/** @returns the whole message, or undefined when the count is right */
export function positionalError(
  rule: Positional,
  given: number,
  path: string,
  usage: string,
  summary: string,
): string | undefined {
  const wrong = complaint(rule, given)
  if (wrong === undefined) return undefined
  return `"${path}" ${wrong}.\nSee '${path} --help'.\n\nUsage:  ${usage}\n\n${summary}`
}
