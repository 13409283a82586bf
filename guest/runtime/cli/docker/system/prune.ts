/** `docker system prune`. */
import { CliError } from '../../shared/cli-error.ts'
import { confirm } from '../../shared/confirm.ts'
import { pruneContainers, type Pruned } from '../container/prune.ts'
import type { CliContext } from '../../shared/context.ts'
import { formatFilters } from '../../../../vocabulary/filters.ts'
import { humanSize } from '../../shared/format/sizes.ts'
import { pruneImages } from '../image/prune.ts'
import { pruneNetworks } from '../network/prune.ts'
import { pruneVolumes } from '../volume/prune.ts'
import type { SystemFlags } from '../table/system-flags.ts'

function question({ flags }: CliContext<SystemFlags['prune']>): string {
  const all = flags.bool('all')
  const warnings = [
    'all stopped containers',
    'all networks not used by at least one container',
    ...(flags.bool('volumes') ? ['all anonymous volumes not used by at least one container'] : []),
    all ? 'all images without at least one container associated to them' : 'all dangling images',
    all ? 'all build cache' : 'unused build cache',
  ]
  const filters = Object.entries(flags.filters()).flatMap(([name, values]) =>
    values.map((value) => `${name}=${value}`),
  )
  const filtered =
    filters.length === 0
      ? ''
      : `\n  Items to be pruned will be filtered with:\n${filters
          .sort()
          .map((text) => `  - ${text}`)
          .join('\n')}\n`
  const list = warnings.map((text) => `  - ${text}`).join('\n')
  return `WARNING! This will remove:\n${list}\n${filtered}\nAre you sure you want to continue?`
}

export async function pruneBuildCache({
  api,
  flags,
}: CliContext<{ all: 'bool'; filter: 'filter' }>): Promise<Pruned> {
  const query = {
    all: flags.bool('all') ? 1 : undefined,
    filters: formatFilters(flags.filters()),
    'keep-storage': 0,
  }
  const answer = await api.json('POST', '/build/prune', { query })
  const ids = answer.CachesDeleted ?? []
  const text = ids.length === 0 ? '' : `Deleted build cache objects:\n${ids.join('\n')}\n`
  return { text, bytes: answer.SpaceReclaimed }
}

export async function prune(context: CliContext<SystemFlags['prune']>): Promise<number> {
  const { flags, session } = context
  const filters = flags.filters()
  if (flags.bool('volumes') && filters.until !== undefined) {
    throw new CliError('ERROR: The "until" filter is not supported with "--volumes"')
  }
  if (!flags.bool('force')) await confirm(context, question(context))
  const steps = [
    () => pruneContainers(context, filters),
    () => pruneNetworks(context, filters),
    ...(flags.bool('volumes') ? [() => pruneVolumes(context, filters)] : []),
    () => pruneImages(context, flags.bool('all'), filters),
    () => pruneBuildCache(context),
  ]
  let bytes = 0
  for (const step of steps) {
    const pruned = await step()
    bytes += pruned.bytes
    if (pruned.text !== '') await session.stdout.write(`${pruned.text}\n`)
  }
  await session.stdout.write(`Total reclaimed space: ${humanSize(bytes)}\n`)
  return 0
}
