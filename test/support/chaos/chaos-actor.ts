/** What all work of a client needs: the engine, its choices, its names, and what it may rely on. */
import type { EngineRequest } from '../../../guest/protocol/api/engine-transport.ts'
import type { ChaosApi, Outcome } from './chaos-api.ts'
import { ChaosModel } from './chaos-model.ts'
import type { Random } from './random.ts'

export const post = (path: string, query: EngineRequest['query'] = {}, json?: unknown): EngineRequest => ({
  ...{ method: 'POST', path, query },
  ...(json !== undefined && { body: { json } }),
})

export const remove = (path: string, query: EngineRequest['query'] = {}): EngineRequest => ({
  ...{ method: 'DELETE', path, query },
})

export class ChaosActor {
  readonly model = new ChaosModel()
  readonly name: string
  readonly api: ChaosApi
  readonly random: Random
  #count = 0

  constructor(name: string, api: ChaosApi, random: Random) {
    this.name = name
    this.api = api
    this.random = random
  }

  /** A name that was never used. */
  fresh(what: string): string {
    return `${this.name}-${what}${this.#count++}`
  }

  /** Acknowledged, or when that is in doubt, whether one finds it `done` now. */
  async happened(outcome: Outcome, done: () => Promise<boolean>): Promise<boolean> {
    return outcome === undefined ? done() : true
  }
}
