/** `docker restart`. */
import type { CliContext } from '../context.ts'
import { containerPath, forEachName } from '../for-each.ts'
import { stopQuery } from './stop.ts'

export const restart = (context: CliContext): Promise<number> =>
  forEachName(context, context.args, (name) =>
    context.api.run('POST', `${containerPath(name)}/restart`, { query: stopQuery(context) }),
  )
