/** `docker volume prune`. */
import { CliError } from '../../shared/cli-error.ts'
import { confirm } from '../../shared/confirm.ts'
import type { Pruned } from '../container/prune.ts'
import type { CliContext } from '../../shared/context.ts'
import { formatFilters } from '../../../../vocabulary/filters.ts'
import { humanSize } from '../../shared/format/sizes.ts'
import type { VolumeFlags } from '../table/volume-flags.ts'

const QUESTION = 'Are you sure you want to continue?'
const ANONYMOUS = `WARNING! This will remove anonymous local volumes not used by at least one container.\n${QUESTION}`
const ALL = `WARNING! This will remove all local volumes not used by at least one container.\n${QUESTION}`

export async function pruneVolumes({ api }: CliContext, filters: Record<string, string[]>): Promise<Pruned> {
  const query = { filters: formatFilters(filters) }
  const { VolumesDeleted, SpaceReclaimed } = await api.json('POST', '/volumes/prune', {
    query,
  })
  const names = VolumesDeleted ?? []
  return { text: names.length === 0 ? '' : `Deleted Volumes:\n${names.join('\n')}\n`, bytes: SpaceReclaimed }
}

export async function prune(context: CliContext<VolumeFlags['prune']>): Promise<number> {
  const { flags, session } = context
  const filters = { ...flags.filters() }
  if (flags.bool('all')) {
    if (filters.all !== undefined) {
      throw new CliError('conflicting options: cannot specify both --all and --filter all=1')
    }
    filters.all = ['true']
  }
  if (!flags.bool('force')) await confirm(context, flags.bool('all') ? ALL : ANONYMOUS)
  const { text, bytes } = await pruneVolumes(context, filters)
  await session.stdout.write(`${text === '' ? '' : `${text}\n`}Total reclaimed space: ${humanSize(bytes)}\n`)
  return 0
}
