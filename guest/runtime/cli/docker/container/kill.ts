/** `docker kill`. */
import type { CliContext } from '../../shared/context.ts'
import { containerPath, forEachName } from '../../shared/for-each.ts'

export const kill = (context: CliContext): Promise<number> =>
  forEachName(context, context.args, (name) =>
    context.api.run('POST', `${containerPath(name)}/kill`, {
      query: { signal: context.flags.string('signal') || undefined },
    }),
  )
