/**
 * Refuses what Docker's client asks only of an engine with experimental features. Ours has none, as Docker's by
 * default, so the client answers one sentence before it checks anything else (docker/cli `isSupported`).
 */
import { CliError } from './cli-error.ts'
import type { FlagTable } from './flag-spec.ts'

const COMMANDS: Record<string, Record<string, string>> = {
  checkpoint: { create: 'create', ls: 'ls', list: 'ls', rm: 'rm', remove: 'rm' },
}

const refusal = (what: string) =>
  `${what} is only supported on a Docker daemon with experimental features enabled`

/**
 * @param words after `docker`
 * @returns the sentence when they name an experimental command
 */
export function experimentalCommand([group, name]: readonly string[]): string | undefined {
  if (group === undefined || !Object.hasOwn(COMMANDS, group)) return undefined
  const names = COMMANDS[group]!
  const own = name !== undefined && Object.hasOwn(names, name) ? ` ${names[name]}` : ''
  return refusal(`docker ${group}${own}`)
}

/** @throws CliError when experimental flags are given, with a line for each */
export function refuseExperimental(specs: FlagTable, given: readonly string[]): void {
  const names = specs.filter(({ name, experimental }) => experimental === true && given.includes(name))
  if (names.length > 0) throw new CliError(names.map(({ name }) => refusal(`"--${name}"`)).join('\n'))
}
