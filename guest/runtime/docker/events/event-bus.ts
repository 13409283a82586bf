/** The engine's events, as Docker's `GET /events` tells them. The last ones are kept for `since`. */
import type { EngineEvent, EventType, Filters } from '../../../protocol/api/engine-api.ts'
import { EngineError } from '../../../protocol/errors.ts'
import type { Clock } from '../../host/clock.ts'
import { matchesLabels } from '../../../vocabulary/filters.ts'

/** The number of events that Docker keeps (daemon/events, eventsLimit). */
const KEPT = 256

/** The most events that wait for a reader. A reader that falls further behind is cut off rather than filling the memory. */
const MAXIMUM_BACKLOG = 10_000

export type EventSink = (
  type: EventType,
  action: string,
  id: string,
  attributes?: Record<string, string>,
) => void

export interface EventQuery {
  /** Nanoseconds since the epoch. */
  since?: bigint
  until?: bigint
  filters?: Filters
  /** Ends the stream. */
  signal?: AbortSignal
}

const nameless = (text: string) => text.replace(/^\//, '')

/**
 * Whether an event passes the filters. A filter on objects is the start of an id or of a name, of whatever type the
 * object is (daemon/events/filter.go).
 */
export function matchesEvent(event: EngineEvent, filters: Filters): boolean {
  const { ID, Attributes } = event.Actor
  const any = (wanted: string[] | undefined, matches: (value: string) => boolean) =>
    wanted === undefined || wanted.length === 0 || wanted.some(matches)
  const object = (type: EventType) =>
    any(filters[type], (name) => ID.startsWith(name) || (Attributes['name'] ?? '').startsWith(nameless(name)))
  return (
    any(filters['event'], (value) => event.Action === value || event.Action.startsWith(`${value}:`)) &&
    any(filters['type'], (value) => event.Type === value) &&
    any(filters['scope'], (value) => event.scope === value) &&
    any(filters['image'], (value) => {
      const image = event.Type === 'image' ? [ID, Attributes['name'] ?? ''] : [Attributes['image'] ?? '']
      return image.some((name) => name === value || name.split(':')[0] === value)
    }) &&
    (['container', 'network', 'volume', 'daemon', 'plugin'] as const).every(object) &&
    matchesLabels(Attributes, filters['label'] ?? [])
  )
}

export class EventBus {
  readonly #clock: Clock
  readonly #kept: { at: bigint; event: EngineEvent }[] = []
  readonly #listeners = new Set<(event: EngineEvent) => void>()
  /** Listeners within the engine. */
  readonly #own = new Set<(event: EngineEvent) => void>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** The number of readers of `stream`. */
  get listeners(): number {
    return this.#listeners.size
  }

  readonly publish: EventSink = (type, action, id, attributes = {}) => {
    const at = this.#clock.now()
    const event: EngineEvent = {
      ...(type === 'container' && { status: action, id, from: attributes['image'] ?? '' }),
      ...(type === 'image' && { status: action, id }),
      Type: type,
      Action: action,
      Actor: { ID: id, Attributes: attributes },
      scope: 'local',
      time: Number(at / 1_000_000_000n),
      timeNano: Number(at),
    }
    this.#kept.push({ at, event })
    if (this.#kept.length > KEPT) this.#kept.shift()
    for (const listener of [...this.#own, ...this.#listeners]) listener(event)
  }

  /**
   * Calls back at once with every event to come.
   * @returns how to stop listening
   */
  listen(listener: (event: EngineEvent) => void): () => void {
    this.#own.add(listener)
    return () => this.#own.delete(listener)
  }

  /** Yields past events of the query, then, unless `until` is past, those to come until `until` or `signal`. */
  async *stream(query: EventQuery): AsyncGenerator<EngineEvent> {
    const filters = query.filters ?? {}
    const queue: EngineEvent[] = []
    let wake = () => {}
    let over = false
    let lost: EngineError | undefined
    const end = () => {
      over = true
      wake()
    }
    const push = (event: EngineEvent) => {
      if (!matchesEvent(event, filters)) return
      if (queue.length >= MAXIMUM_BACKLOG) {
        // The reader may never read again, so the waiting events are dropped, and no more are added.
        lost = new EngineError('exhausted', 'events: the reader is too slow')
        queue.length = 0
        this.#listeners.delete(push)
      } else queue.push(event)
      wake()
    }
    if (query.since !== undefined || query.until !== undefined) {
      for (const { at, event } of this.#kept)
        if (at >= (query.since ?? 0n) && at <= (query.until ?? at)) push(event)
    }
    const remaining = query.until === undefined ? undefined : query.until - this.#clock.now()
    if (remaining !== undefined && remaining <= 0n) return yield* queue
    const cancel = remaining === undefined ? () => {} : this.#clock.after(Number(remaining) / 1e6, end)
    if (query.since === undefined && query.until !== undefined) queue.length = 0
    this.#listeners.add(push)
    query.signal?.addEventListener('abort', end)
    if (query.signal?.aborted) end()
    try {
      for (;;) {
        while (queue.length > 0) yield queue.shift()!
        if (lost) throw lost
        if (over) return
        await new Promise<void>((resolve) => (wake = resolve))
      }
    } finally {
      cancel()
      this.#listeners.delete(push)
      query.signal?.removeEventListener('abort', end)
    }
  }
}
