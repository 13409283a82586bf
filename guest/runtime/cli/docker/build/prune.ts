/** `docker builder prune`. */
import { CliError } from '../../shared/cli-error.ts'
import { Cancelled, confirm } from '../../shared/confirm.ts'
import type { CliContext } from '../../shared/context.ts'
import { humanSize } from '../../shared/format/sizes.ts'
import { pruneBuildCache } from '../system/prune.ts'
import type { BuildFlags } from '../table/build-flags.ts'

const DANGLING = 'WARNING! This will remove all dangling build cache. Are you sure you want to continue?'
const ALL = 'WARNING! This will remove all build cache. Are you sure you want to continue?'

async function ask(context: CliContext<BuildFlags['prune']>): Promise<void> {
  try {
    await confirm(context, context.flags.bool('all') ? ALL : DANGLING)
  } catch (thrown) {
    throw thrown instanceof Cancelled ? new CliError('builder prune has been cancelled') : thrown
  }
}

export async function prune(context: CliContext<BuildFlags['prune']>): Promise<number> {
  const { flags, session } = context
  if (!flags.bool('force')) await ask(context)
  const { text, bytes } = await pruneBuildCache(context)
  await session.stdout.write(`${text === '' ? '' : `${text}\n`}Total reclaimed space: ${humanSize(bytes)}\n`)
  return 0
}
