/** `docker pause` and `docker unpause`. */
import type { CliContext } from '../../shared/context.ts'
import { containerPath, forEachName } from '../../shared/for-each.ts'

export const pause = (context: CliContext): Promise<number> =>
  forEachName(context, context.args, (name) => context.api.run('POST', `${containerPath(name)}/pause`))

export const unpause = (context: CliContext): Promise<number> =>
  forEachName(context, context.args, (name) => context.api.run('POST', `${containerPath(name)}/unpause`))
