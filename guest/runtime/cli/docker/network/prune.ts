/** `docker network prune`. */
import { confirm } from '../../shared/confirm.ts'
import type { CliContext } from '../../shared/context.ts'
import { formatFilters } from '../../../../vocabulary/filters.ts'
import type { Pruned } from '../container/prune.ts'
import type { NetworkFlags } from '../table/network-flags.ts'

const WARNING =
  'WARNING! This will remove all custom networks not used by at least one container.\nAre you sure you want to continue?'

export async function pruneNetworks({ api }: CliContext, filters: Record<string, string[]>): Promise<Pruned> {
  const query = { filters: formatFilters(filters) }
  const { NetworksDeleted } = await api.json('POST', '/networks/prune', { query })
  const names = NetworksDeleted ?? []
  return { text: names.length === 0 ? '' : `Deleted Networks:\n${names.join('\n')}\n`, bytes: 0 }
}

export async function prune(context: CliContext<NetworkFlags['prune']>): Promise<number> {
  if (!context.flags.bool('force')) await confirm(context, WARNING)
  const { text } = await pruneNetworks(context, context.flags.filters())
  if (text !== '') await context.session.stdout.write(`${text}\n`)
  return 0
}
