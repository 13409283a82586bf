/** `docker kill`. */
import type { CliContext } from '../../shared/context.ts'
import { containerPath, forEachName } from '../../shared/for-each.ts'
import type { ContainerFlags } from '../table/container-flags.ts'

export const kill = (context: CliContext<ContainerFlags['kill']>): Promise<number> =>
  forEachName(context, context.args, (name) =>
    context.api.run('POST', `${containerPath(name)}/kill`, {
      query: { signal: context.flags.string('signal') || undefined },
    }),
  )
