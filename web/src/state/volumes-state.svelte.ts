import type { KeptVolumes } from '../../../guest/protocol/api/engine-api.ts'
import { EngineError } from '../../../guest/protocol/errors.ts'
import type { EngineClient } from '../client/engine-client.ts'

/** Whether the volumes will be there after a reload of the page; the engine reports it. */
export class VolumesState {
  private kept = $state.raw<KeptVolumes>({ state: 'none', volumes: [] })
  /** The number of saves that the engine has not answered. */
  private asked = $state(0)
  private hidden = $state<string>()
  private readonly client: EngineClient

  constructor(client: EngineClient) {
    this.client = client
  }

  readonly state = $derived(this.kept.state !== 'none' && this.asked > 0 ? 'saving' : this.kept.state)
  readonly reason = $derived(this.kept.reason)
  /** Why volumes are not saved, until the person hides the notice. */
  readonly notice = $derived(this.kept.reason === this.hidden ? undefined : this.kept.reason)

  /** Follows the engine's reports until the signal aborts or the engine goes away. */
  async follow(signal: AbortSignal): Promise<void> {
    try {
      for await (const kept of this.client.keptVolumes(signal)) this.take(kept)
    } catch (thrown) {
      // The engine's other streams end at the same time, and their followers connect again.
      if (!signal.aborted && EngineError.from(thrown).code !== 'unavailable') throw thrown
    }
  }

  /** Saves what has changed; resolves when that is done, or when the engine is gone. */
  async save(): Promise<void> {
    this.asked++
    try {
      this.take(await this.client.saveVolumes())
    } catch (thrown) {
      const { code, message } = EngineError.from(thrown)
      if (code !== 'unavailable') this.take({ ...this.kept, state: 'unsaved', reason: message })
    } finally {
      this.asked--
    }
  }

  /** Hides the notice, which the person has read. */
  hideNotice(): void {
    this.hidden = this.kept.reason
  }

  private take(kept: KeptVolumes): void {
    // When volumes are saved again, a later trouble of the same kind must be shown anew.
    if (kept.reason === undefined) this.hidden = undefined
    this.kept = kept
  }
}
