/* eslint svelte/prefer-svelte-reactivity: off -- the plain maps and sets here are bookkeeping that nothing draws */
import type { ContainerAction, ContainerStateName } from '../../../guest/protocol/states/container-states.ts'
import type {
  ContainerInspect,
  ContainerSummary,
  EngineEvent,
} from '../../../guest/protocol/api/engine-api.ts'
import { EngineError } from '../../../guest/protocol/errors.ts'
import { Refresher } from '../../../guest/vocabulary/refresher.ts'
import type { EngineClient } from '../client/engine-client.ts'

/** The actions of the state table that the page has buttons for. */
export type PageAction = Extract<
  ContainerAction,
  'start' | 'stop' | 'pause' | 'unpause' | 'restart' | 'kill' | 'remove'
>

export interface Limits {
  /** Bytes; undefined is no limit. */
  memory?: number
  /** In CPUs: 0.5 is half of one. */
  cpus?: number
  pids?: number
  cpuset?: string
}

export interface ContainerView {
  id: string
  name: string
  image: string
  imageId: string
  command: string
  state: ContainerStateName
  created: number
  ports: { container: number; published?: number; protocol: string }[]
  networks: string[]
  /** The values are undefined until the container was inspected. */
  limits: Limits
  /** Milliseconds since the epoch; undefined until the container first starts and ends. */
  startedAt?: number
  finishedAt?: number
  exitCode?: number
  oomKilled: boolean
}

/** Events after which a container's details (limits, exit code, OOM) must be read again. */
const DETAIL_EVENTS = new Set(['create', 'start', 'die', 'oom', 'update', 'rename'])

/** The containers, kept up to date by the engine's events: one list for each burst, details only of what changed. */
export class ContainersState {
  list = $state.raw<ContainerView[]>([])
  /** False until the first list has come. */
  loaded = $state(false)
  /** Actions under way, by container id. */
  busy = $state<Record<string, PageAction | undefined>>({})
  error = $state.raw<EngineError>()
  private readonly client: EngineClient
  private readonly details = new Map<string, ContainerInspect>()
  private readonly stale = new Set<string>()
  private readonly refresher = new Refresher(() => this.refresh())

  constructor(client: EngineClient) {
    this.client = client
  }

  readonly running = $derived(this.list.filter(({ state }) => state === 'running' || state === 'paused'))
  /** Published TCP ports with the container behind each. */
  readonly ports = $derived(
    this.list.flatMap((container) =>
      container.ports
        .filter((port) => port.published !== undefined && port.protocol === 'tcp')
        .map((port) => ({ port: port.published!, containerPort: port.container, container })),
    ),
  )

  byId(id: string): ContainerView | undefined {
    return this.list.find((container) => container.id === id)
  }

  /** Reads everything again, as after (re)connecting. */
  async reload(): Promise<void> {
    for (const { id } of this.list) this.stale.add(id)
    await this.update()
  }

  async onEvent(event: EngineEvent): Promise<void> {
    if (event.Type === 'network') return this.update() // connect and disconnect change addresses
    if (event.Type !== 'container' || event.Action.startsWith('exec_')) return
    if (DETAIL_EVENTS.has(event.Action)) this.stale.add(event.Actor.ID)
    await this.update()
  }

  /** Asks the engine for the action; `error` keeps its refusal. The list follows by events. */
  async act(id: string, action: PageAction): Promise<void> {
    this.busy[id] = action
    this.error = undefined
    try {
      if (action === 'remove') await this.client.containers.remove(id, false)
      else await this.client.containers[action](id)
    } catch (thrown) {
      this.error = EngineError.from(thrown)
    } finally {
      delete this.busy[id]
    }
  }

  private async update(): Promise<void> {
    try {
      await this.refresher.request()
    } catch (thrown) {
      this.error = EngineError.from(thrown)
    }
  }

  private async refresh(): Promise<void> {
    const summaries = await this.client.containers.list()
    const known = new Set(summaries.map(({ Id }) => Id))
    for (const id of this.details.keys()) if (!known.has(id)) this.details.delete(id)
    this.publish(summaries)
    for (const { Id } of summaries) {
      if (this.details.has(Id) && !this.stale.has(Id)) continue
      this.stale.delete(Id)
      const inspect = await this.inspectIfThere(Id)
      if (inspect) this.details.set(Id, inspect)
    }
    this.stale.clear()
    this.publish(summaries)
  }

  /** A container may be removed between the list and the question. */
  private async inspectIfThere(id: string): Promise<ContainerInspect | undefined> {
    try {
      return await this.client.containers.inspect(id)
    } catch (thrown) {
      if (thrown instanceof EngineError && thrown.code === 'not-found') return undefined
      throw thrown
    }
  }

  private publish(summaries: ContainerSummary[]): void {
    this.list = summaries.map((summary) => containerView(summary, this.details.get(summary.Id)))
    this.loaded = true
  }
}

export function containerView(summary: ContainerSummary, inspect?: ContainerInspect): ContainerView {
  return {
    id: summary.Id,
    // Names with a second slash are links of other containers.
    name: summary.Names.find((name) => !name.includes('/', 1))?.slice(1) ?? summary.Id.slice(0, 12),
    image: summary.Image,
    imageId: summary.ImageID,
    command: summary.Command,
    state: summary.State,
    created: summary.Created,
    ports: distinctPorts(summary),
    networks: Object.keys(summary.NetworkSettings?.Networks ?? {}),
    limits: inspect ? limitsOf(inspect) : {},
    startedAt: timeOf(inspect?.State.StartedAt),
    finishedAt: timeOf(inspect?.State.FinishedAt),
    exitCode: inspect?.State.ExitCode,
    oomKilled: inspect?.State.OOMKilled ?? false,
  }
}

/** Docker writes Go's zero time for what has not happened. */
function timeOf(time: string | undefined): number | undefined {
  const milliseconds = time === undefined ? NaN : Date.parse(time)
  return milliseconds > 0 ? milliseconds : undefined
}

/** IPv4 and IPv6 bindings of one port count once. */
function distinctPorts({ Ports }: ContainerSummary): ContainerView['ports'] {
  const distinct = new Map(
    (Ports ?? []).map((port) => [
      `${port.PublicPort}:${port.PrivatePort}/${port.Type}`,
      { container: port.PrivatePort, published: port.PublicPort, protocol: port.Type },
    ]),
  )
  return [...distinct.values()].sort((a, b) => a.container - b.container)
}

export function limitsOf({ HostConfig }: Pick<ContainerInspect, 'HostConfig'>): Limits {
  const { Memory, NanoCpus, CpuQuota, CpuPeriod, PidsLimit, CpusetCpus } = HostConfig
  const quota = CpuQuota > 0 ? CpuQuota / (CpuPeriod || 100_000) : 0
  return {
    ...(Memory > 0 && { memory: Memory }),
    ...((NanoCpus > 0 || quota > 0) && { cpus: NanoCpus > 0 ? NanoCpus / 1e9 : quota }),
    ...((PidsLimit ?? 0) > 0 && { pids: PidsLimit! }),
    ...(CpusetCpus && { cpuset: CpusetCpus }),
  }
}
