/** `docker stop`. */
import type { CliContext } from '../../shared/context.ts'
import { containerPath, forEachName } from '../../shared/for-each.ts'
import type { ContainerFlags } from '../table/container-flags.ts'

/** The seconds to wait and the signal, for `stop` and `restart`. */
export function stopQuery({
  flags,
}: CliContext<{ time: 'int'; signal: 'string' }>): Record<string, string | number | undefined> {
  const timeout = flags.changed('time') ? flags.number('time') : undefined
  return { t: timeout, signal: flags.string('signal') || undefined }
}

export const stop = (context: CliContext<ContainerFlags['stop']>): Promise<number> =>
  forEachName(context, context.args, (name) =>
    context.api.run('POST', `${containerPath(name)}/stop`, { query: stopQuery(context) }),
  )
