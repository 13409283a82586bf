/** Follows the containers of a project until none of the expected ones is left. */
import { formatFilters } from '../../../../../vocabulary/filters.ts'
import type {
  ContainerInspect,
  ContainerSummary,
  EngineEvent,
} from '../../../../../protocol/api/engine-api.ts'
import { isNotFound } from '../../../shared/api-error.ts'
import type { ComposeContext } from '../../context.ts'
import { nameWithoutProject, serviceOf } from '../containers.ts'
import { summaryOf } from '../create/create-container.ts'
import { LABEL } from '../labels.ts'

export interface ContainerEnd {
  name: string
  service: string
  exitCode: number
  /** The engine starts it again. */
  restarting: boolean
  /** Another container takes its place. */
  replaced: boolean
  /** `docker stop` ended it; it did not end by itself. */
  stopped: boolean
}

export interface WatchHandlers {
  onEnd(end: ContainerEnd): Promise<void>
  /** Called for a container that is new or was started again. */
  onStart(container: ContainerSummary): Promise<void>
}

export interface Watch {
  /** Resolves when the watch is over. */
  finished: Promise<void>
  stop(): void
}

class ContainerWatch {
  readonly #expected: Set<string>
  /** How often each container has ended. */
  readonly #ends = new Map<string, number>()
  readonly #replaced = new Set<string>()
  readonly #services: readonly string[]
  readonly #handlers: WatchHandlers

  constructor(containers: readonly ContainerSummary[], services: readonly string[], handlers: WatchHandlers) {
    this.#expected = new Set(containers.map(({ Id }) => Id))
    for (const { Id } of containers) this.#ends.set(Id, 0)
    this.#services = services
    this.#handlers = handlers
  }

  get over(): boolean {
    return this.#expected.size === 0
  }

  #forget(id: string): void {
    this.#ends.delete(id)
    this.#expected.delete(id)
  }

  async take(event: EngineEvent, inspected: ContainerInspect | undefined): Promise<void> {
    const id = event.Actor.ID
    if (inspected === undefined) return this.#forget(id)
    const container = summaryOf(inspected)
    if (event.Action === 'die') await this.#takeEnd(container, inspected)
    else if (event.Action === 'stop') this.#forget(id)
    else if (event.Action === 'start') await this.#takeStart(container)
    else if (event.Action === 'create') this.#takeCreate(container)
  }

  async #takeEnd(container: ContainerSummary, { State }: ContainerInspect): Promise<void> {
    const { Id } = container
    if (!this.#ends.has(Id)) return
    this.#ends.set(Id, this.#ends.get(Id)! + 1)
    if (!State.Restarting) this.#forget(Id)
    await this.#handlers.onEnd({
      name: nameWithoutProject(container),
      service: serviceOf(container),
      exitCode: State.ExitCode,
      restarting: State.Restarting,
      replaced: this.#replaced.delete(Id),
      stopped: false,
    })
  }

  async #takeStart(container: ContainerSummary): Promise<void> {
    const ends = this.#ends.get(container.Id)
    if (ends === 0) return
    if (ends === undefined) {
      if (!this.#services.includes(serviceOf(container))) return
      this.#ends.set(container.Id, 0)
      this.#expected.add(container.Id)
    }
    await this.#handlers.onStart(container)
  }

  #takeCreate(container: ContainerSummary): void {
    if (!this.#services.includes(serviceOf(container))) return
    const replaces = container.Labels[LABEL.replace]
    if (replaces !== undefined) this.#replaced.add(replaces)
    this.#ends.set(container.Id, 1)
    this.#expected.add(container.Id)
  }
}

/** Misses no event after it has resolved. */
export async function watchContainers(
  context: ComposeContext,
  project: string,
  services: readonly string[],
  containers: readonly ContainerSummary[],
  handlers: WatchHandlers,
): Promise<Watch> {
  const { api } = context
  const filters = formatFilters({ label: [`${LABEL.project}=${project}`], type: ['container'] })
  const events = api.values('GET', '/events', { query: { filters } })
  const watch = new ContainerWatch(containers, services, handlers)
  // The first `next` sends the request; the response holds later events until they are read.
  let pending = events.next()
  let stopped = false
  let stop: () => void = () => undefined
  const stopping = new Promise<void>((resolve) => {
    stop = () => {
      stopped = true
      resolve()
    }
  })
  const follow = async (): Promise<void> => {
    while (!watch.over && !stopped) {
      const result = await Promise.race([pending, stopping])
      if (result === undefined || result.done === true) break
      pending = events.next()
      pending.catch(() => undefined)
      const { value: event } = result
      if (event.Actor.Attributes[LABEL.oneOff] === 'True') continue
      await watch.take(event, await inspected(context, event.Actor.ID))
    }
  }
  const finished = follow().finally(() => {
    void events.return(undefined).catch(() => undefined)
  })
  return { finished, stop }
}

async function inspected({ api }: ComposeContext, id: string): Promise<ContainerInspect | undefined> {
  try {
    return await api.json('GET', `/containers/${id}/json`)
  } catch (error) {
    if (isNotFound(error)) return undefined
    throw error
  }
}
