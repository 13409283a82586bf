/** `docker restart`. */
import type { CliContext } from '../../shared/context.ts'
import { containerPath, forEachName } from '../../shared/for-each.ts'
import { stopQuery } from './stop.ts'
import type { ContainerFlags } from '../table/container-flags.ts'

export const restart = (context: CliContext<ContainerFlags['restart']>): Promise<number> =>
  forEachName(context, context.args, (name) =>
    context.api.run('POST', `${containerPath(name)}/restart`, { query: stopQuery(context) }),
  )
