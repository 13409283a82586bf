import type { EngineEvent, NamespacesReport } from '../../../guest/protocol/api/engine-api.ts'
import { EngineError } from '../../../guest/protocol/errors.ts'
import { Refresher } from '../../../guest/vocabulary/refresher.ts'
import type { EngineClient } from '../client/engine-client.ts'

/** The map of namespaces: read when somebody looks at it, and again whenever a container starts or ends. */
export class NamespacesState {
  report = $state.raw<NamespacesReport>()
  error = $state.raw<EngineError>()
  private readonly client: EngineClient
  private readonly refresher: Refresher
  private watchers = 0

  constructor(client: EngineClient) {
    this.client = client
    this.refresher = new Refresher(async () => void (this.report = await this.client.namespaces()))
  }

  watch(): () => void {
    this.watchers += 1
    void this.refresh()
    return () => (this.watchers -= 1)
  }

  onEvent(event: EngineEvent): void {
    const changes = event.Type === 'container' && ['start', 'die', 'rename'].includes(event.Action)
    if (changes && this.watchers > 0) void this.refresh()
  }

  private async refresh(): Promise<void> {
    try {
      await this.refresher.request()
      this.error = undefined
    } catch (thrown) {
      this.error = EngineError.from(thrown)
    }
  }
}
