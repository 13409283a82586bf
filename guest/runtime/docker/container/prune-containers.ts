/** `POST /containers/prune`: removes every container that is not running. */
import type { ContainerPruneResponse, Filters } from '../../../protocol/api/engine-api.ts'
import { parseTime } from '../../host/clock.ts'
import type { EngineContext } from '../state/context.ts'
import { checkFilters, matchesLabels } from '../../../vocabulary/filters.ts'
import { parseTimestamp } from '../../../vocabulary/timestamps.ts'
import { containerSize } from '../inspect/inspect-container.ts'
import { removeContainer } from './remove-container.ts'

export async function pruneContainers(
  context: EngineContext,
  filters: Filters,
): Promise<ContainerPruneResponse> {
  checkFilters(filters, ['label', 'label!', 'until'])
  const until = filters['until']?.[0]
  const limit = until === undefined ? undefined : parseTimestamp(until, context.clock.now())
  const unwanted = (filters['label!'] ?? []).map((label) => [label])
  const deleted: string[] = []
  let reclaimed = 0
  for (const container of context.containers.all()) {
    const { config, created } = container.record
    if (container.isRunning || container.beingRemoved) continue
    if (limit !== undefined && (parseTime(created) ?? 0n) > limit) continue
    if (!matchesLabels(config.Labels, filters['label'] ?? [])) continue
    if (unwanted.some((label) => matchesLabels(config.Labels, label))) continue
    const { SizeRw } = await containerSize(context, container)
    await removeContainer(context, container, { force: false, volumes: false })
    reclaimed += SizeRw
    deleted.push(container.id)
  }
  context.events.publish('container', 'prune', '', { reclaimed: String(reclaimed) })
  return { ContainersDeleted: deleted.length > 0 ? deleted : null, SpaceReclaimed: reclaimed }
}
