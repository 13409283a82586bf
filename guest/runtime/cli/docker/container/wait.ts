/** `docker wait`: prints the exit code of each container on a line. */
import { CliError } from '../../shared/cli-error.ts'
import type { CliContext } from '../../shared/context.ts'
import { containerPath, messageOf } from '../../shared/for-each.ts'

export async function wait({ args, api, session }: CliContext): Promise<number> {
  const messages: string[] = []
  for (const name of args) {
    try {
      const { StatusCode } = await api.json('POST', `${containerPath(name)}/wait`)
      await session.stdout.write(`${StatusCode}\n`)
    } catch (error) {
      messages.push(messageOf(error))
    }
  }
  if (messages.length > 0) throw new CliError(messages.join('\n'))
  return 0
}
