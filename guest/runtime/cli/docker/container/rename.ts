/** `docker rename`. */
import { CliError } from '../../shared/cli-error.ts'
import type { CliContext } from '../../shared/context.ts'
import { containerPath, messageOf } from '../../shared/for-each.ts'

export async function rename({ args, api, session }: CliContext): Promise<number> {
  const [from, to] = args.map((name) => name.trim()) as [string, string]
  if (from === '' || to === '') throw new CliError('Error: Neither old nor new names may be empty')
  try {
    await api.run('POST', `${containerPath(from)}/rename`, { query: { name: to } })
  } catch (error) {
    await session.stderr.write(`${messageOf(error)}\n`)
    throw new CliError(`Error: failed to rename container named ${from}`)
  }
  return 0
}
