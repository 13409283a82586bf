/** `docker rename`. */
import { CliError } from '../cli-error.ts'
import type { CliContext } from '../context.ts'
import { containerPath, messageOf } from '../for-each.ts'

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
