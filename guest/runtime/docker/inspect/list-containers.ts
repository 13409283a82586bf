/** `GET /containers/json`: filters and order. Source: daemon/list.go. */
import {
  CONTAINER_STATES,
  type ContainerSummary,
  type Filters,
  type PortSummary,
} from '../../../protocol/api/engine-api.ts'
import { EngineError, ifKnown } from '../../../protocol/errors.ts'
import { ZERO_TIME } from '../../host/clock.ts'
import type { Container } from '../state/container.ts'
import { type EngineContext } from '../state/context.ts'
import { checkFilters, matchesLabels } from '../../../vocabulary/filters.ts'
import { containerSize, networkSettings, portSummaries, summarizeContainer } from './inspect-container.ts'
import { inRange, portRange } from './port-filter.ts'

const ACCEPTED = [
  'ancestor',
  'before',
  'exited',
  'expose',
  'health',
  'id',
  'is-task',
  'isolation',
  'label',
  'name',
  'network',
  'publish',
  'since',
  'status',
  'volume',
]

export interface ListOptions {
  all: boolean
  size: boolean
  /** The number of newest containers to list, running or not; 0 for no limit. */
  limit: number
  filters: Filters
}

type Test = (container: Container) => boolean

const anyOf = <T = string>(
  values: T[] | undefined,
  matches: (value: T, container: Container) => boolean,
): Test =>
  values === undefined || values.length === 0
    ? () => true
    : (container) => values.some((value) => matches(value, container))

const HEALTH_STATES: readonly string[] = ['none', 'starting', 'healthy', 'unhealthy']

const invalidValue = (filter: string, value: string, what: string, known: readonly string[]) =>
  new EngineError(
    'invalid',
    `invalid filter '${filter}=${value}': invalid value for ${what} (${value}): must be one of ${known.join(', ')}`,
    { [filter]: value },
  )

function checkValues(filters: Filters): void {
  for (const value of filters['status'] ?? [])
    if (!(CONTAINER_STATES as readonly string[]).includes(value))
      throw invalidValue('status', value, 'state', CONTAINER_STATES)
  for (const value of filters['health'] ?? [])
    if (!HEALTH_STATES.includes(value)) throw invalidValue('health', value, 'health', HEALTH_STATES)
  for (const value of filters['exited'] ?? [])
    if (!/^[+-]?\d+$/.test(value))
      throw new EngineError(
        'invalid',
        `invalid filter 'exited=${value}': strconv.Atoi: parsing "${value}": invalid syntax`,
        { exited: value },
      )
}

/** The layers of the images that `ancestor` names, by the image's id. */
async function ancestors({ images }: EngineContext, names: string[]): Promise<Map<string, string[]>> {
  const found = new Map<string, string[]>()
  for (const name of names) {
    const image = await ifKnown(images.find(name))
    if (image)
      found.set(
        image.id,
        image.layers.map(({ diffId }) => diffId),
      )
  }
  return found
}

function hasAncestor(container: Container, images: Map<string, string[]>): boolean {
  const own = [...container.record.layers].reverse()
  for (const [id, layers] of images) {
    if (container.record.image === id) return true
    if (layers.length > 0 && layers.every((layer, index) => own[index] === layer)) return true
  }
  return false
}

const nameMatches = (pattern: string, { record }: Container): boolean => {
  try {
    const expression = new RegExp(pattern)
    return expression.test(record.name) || expression.test(record.name.slice(1))
  } catch {
    return record.name.includes(pattern)
  }
}

const portsOf = (context: EngineContext, container: Container): PortSummary[] =>
  container.isRunning ? portSummaries(networkSettings(context, container).Ports) : []

async function testsOf(context: EngineContext, filters: Filters): Promise<Test[]> {
  const images = await ancestors(context, filters['ancestor'] ?? [])
  // The list is newest first, so a container further back in it is older.
  const order = context.containers.all()
  const place = (reference: string) => order.indexOf(context.containers.find(reference))
  const before = (filters['before'] ?? []).map(place)
  const since = (filters['since'] ?? []).map(place)
  const published = filters['publish']?.map((value) => portRange('publish', value)) ?? []
  const exposed = filters['expose']?.map((value) => portRange('expose', value)) ?? []
  return [
    anyOf(filters['id'], (value, { id }) => id.startsWith(value)),
    anyOf(filters['name'], nameMatches),
    anyOf(filters['status'], (value, { status }) => status === value),
    anyOf(filters['health'], (value, { record }) => (record.state.health?.Status ?? 'none') === value),
    anyOf(
      filters['exited'],
      (value, { record: { state }, isRunning }) =>
        !isRunning && state.startedAt !== ZERO_TIME && state.exitCode === Number(value),
    ),
    anyOf(filters['ancestor'], (_, container) => hasAncestor(container, images)),
    anyOf(filters['network'], (value, container) =>
      Object.entries(networkSettings(context, container).Networks).some(
        ([name, { NetworkID }]) => name === value || (NetworkID !== '' && NetworkID?.startsWith(value)),
      ),
    ),
    anyOf(filters['volume'], (value, { record }) =>
      record.mounts.some(
        ({ point }) => point.Name === value || point.Source === value || point.Destination === value,
      ),
    ),
    anyOf(published, (range, container) => inRange(portsOf(context, container), 'PublicPort', range)),
    anyOf(exposed, (range, container) => inRange(portsOf(context, container), 'PrivatePort', range)),
    ({ record }) => matchesLabels(record.config.Labels, filters['label'] ?? []),
    (container) => before.every((other) => order.indexOf(container) > other),
    (container) => since.every((other) => order.indexOf(container) < other),
    () => !(filters['is-task'] ?? []).includes('true'),
  ]
}

/**
 * The name that a container was created from, as long as that image still has the name; else the image's id
 * (daemon/list.go, `refreshImage`).
 */
async function imageShown({ images }: EngineContext, { record }: Container): Promise<string> {
  const named = await ifKnown(images.find(record.config.Image))
  return named?.id === record.image ? record.config.Image : record.image
}

/** Lists containers. Filters on states other than running imply `all`, as Docker's do. */
export async function listContainers(
  context: EngineContext,
  options: ListOptions,
): Promise<ContainerSummary[]> {
  const { filters } = options
  checkFilters(filters, ACCEPTED)
  checkValues(filters)
  const everything = options.all || options.limit > 0 || 'status' in filters || 'exited' in filters
  const tests = await testsOf(context, filters)
  const chosen = context.containers
    .all()
    .filter((container) => everything || container.isRunning)
    .filter((container) => tests.every((test) => test(container)))
  const listed = options.limit > 0 ? chosen.slice(0, options.limit) : chosen
  const summaries: ContainerSummary[] = []
  for (const container of listed) {
    const size = options.size ? await containerSize(context, container) : {}
    const Image = await imageShown(context, container)
    summaries.push({ ...summarizeContainer(context, container), Image, ...size })
  }
  return summaries
}
