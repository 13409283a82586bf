/* eslint svelte/prefer-svelte-reactivity: off -- the plain maps and sets here are bookkeeping that nothing draws */
import { SvelteMap } from 'svelte/reactivity'
import type { ContainerStats } from '../../../../guest/protocol/api/engine-api.ts'
import { EngineError } from '../../../../guest/protocol/errors.ts'
import type { EngineClient } from '../../client/engine-client.ts'
import { usageSample, type UsageSample } from './usage-sample.ts'

/** Two minutes at one sample a second. */
const HISTORY = 120

export interface UsageSeries {
  samples: UsageSample[]
  /** Times of OOM kills in milliseconds since the epoch. */
  ooms: number[]
}

/**
 * The live use of the containers that somebody looks at. Each has a stats stream of the engine, which the first watcher
 * opens and the last one closes; a hidden tab has none.
 */
export class UsageState {
  readonly series = new SvelteMap<string, UsageSeries>()
  private readonly client: EngineClient
  private readonly watched = new Map<string, { watchers: number; stop?: AbortController }>()
  private hidden = false

  constructor(client: EngineClient) {
    this.client = client
  }

  latest(id: string): UsageSample | undefined {
    return this.series.get(id)?.samples.at(-1)
  }

  /** Begins to sample; the returned function ends it. */
  watch(id: string): () => void {
    const entry = this.watched.get(id) ?? { watchers: 0 }
    this.watched.set(id, entry)
    entry.watchers += 1
    this.open(id)
    let over = false
    return () => {
      if (over) return
      over = true
      entry.watchers -= 1
      if (entry.watchers > 0) return
      entry.stop?.abort()
      this.watched.delete(id)
    }
  }

  /** A hidden tab samples nothing. */
  setHidden(hidden: boolean): void {
    this.hidden = hidden
    for (const [id, entry] of this.watched) {
      if (hidden) entry.stop?.abort()
      else this.open(id)
    }
  }

  markOom(id: string, time: number): void {
    const series = this.series.get(id) ?? { samples: [], ooms: [] }
    this.series.set(id, { ...series, ooms: [...series.ooms, time].slice(-HISTORY) })
  }

  forget(id: string): void {
    this.series.delete(id)
  }

  close(): void {
    for (const entry of this.watched.values()) entry.stop?.abort()
    this.watched.clear()
  }

  private open(id: string): void {
    const entry = this.watched.get(id)
    if (!entry || this.hidden || (entry.stop && !entry.stop.signal.aborted)) return
    const stop = new AbortController()
    entry.stop = stop
    void this.sample(id, stop)
  }

  /** Ends silently when nobody watches any more, or when the container or the engine is gone: events tell of both. */
  private async sample(id: string, stop: AbortController): Promise<void> {
    let previous: ContainerStats | undefined
    try {
      for await (const stats of this.client.containers.stats(id, stop.signal)) {
        if (Date.parse(stats.read) > 0) this.add(id, usageSample(stats, previous))
        previous = stats
      }
    } catch (thrown) {
      const { code } = EngineError.from(thrown)
      const expected = stop.signal.aborted || ['not-found', 'conflict', 'unavailable'].includes(code)
      if (!expected) throw thrown
    } finally {
      stop.abort()
    }
  }

  private add(id: string, sample: UsageSample): void {
    const series = this.series.get(id) ?? { samples: [], ooms: [] }
    // A new stream may begin with a reading that the last one gave already.
    if (sample.time <= (series.samples.at(-1)?.time ?? 0)) return
    this.series.set(id, { ...series, samples: [...series.samples, sample].slice(-HISTORY) })
  }
}
