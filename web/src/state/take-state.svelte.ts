import { EngineError } from '../../../guest/protocol/errors.ts'
import type { EngineTransport } from '../../../guest/protocol/api/engine-transport.ts'
import { EngineApi } from '../../../guest/vocabulary/engine-client/engine-api.ts'
import { projectsOf, takeInventory } from '../take/inventory.ts'
import type { Selection } from '../take/selection.ts'
import type { Translate } from '../take/readme.ts'
import { planTake, takenSize, type TakePlan } from '../take/take-plan.ts'
import { takenArchive } from '../take/taken-archive.ts'

/** What runs here as a folder for another Docker: first what it will contain, then the folder. */
export class TakeState {
  selection = $state.raw<Selection>({ kind: 'running' })
  /** Compose projects that could be taken by themselves. */
  projects = $state.raw<readonly string[]>([])
  plan = $state.raw<TakePlan>()
  /** Bytes that have come from the engine while the folder is made. */
  packed = $state<number>()
  error = $state.raw<EngineError>()
  private readonly api: EngineApi
  private stop: AbortController | undefined

  constructor(transport: EngineTransport) {
    this.api = new EngineApi(transport)
  }

  /** Bytes of the folder at most. */
  readonly size = $derived(this.plan === undefined ? 0 : takenSize(this.plan))

  /** Asks the engine what there is to take. */
  async look(selection: Selection): Promise<void> {
    this.selection = selection
    this.error = undefined
    try {
      this.projects = await projectsOf(this.api)
      const plan = planTake(await takeInventory(this.api, selection), selection)
      if (this.selection === selection) this.plan = plan
    } catch (thrown) {
      this.error = EngineError.from(thrown)
    }
  }

  /** The folder as a tar; undefined when that failed, and `error` tells why, or when it was cancelled. */
  async make(t: Translate): Promise<{ archive: Blob; name: string } | undefined> {
    const stop = new AbortController()
    this.stop = stop
    this.error = undefined
    this.packed = 0
    try {
      // What has changed since it was shown is taken as it is now.
      const plan = planTake(await takeInventory(this.api, this.selection), this.selection)
      this.plan = plan
      const archive = await takenArchive(plan, this.api, {
        t,
        now: Math.floor(Date.now() / 1000),
        onBytes: (total) => (this.packed = total),
        signal: stop.signal,
      })
      return { archive, name: `${plan.project}.tar` }
    } catch (thrown) {
      if (!stop.signal.aborted) this.error = EngineError.from(thrown)
      return undefined
    } finally {
      this.packed = undefined
    }
  }

  /** Ends the making of a folder, and forgets what it would have contained. */
  leave(): void {
    this.stop?.abort()
    this.plan = undefined
    this.error = undefined
  }
}
