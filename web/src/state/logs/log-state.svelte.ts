import { EngineError } from '../../../../guest/protocol/errors.ts'
import type { EngineClient } from '../../client/engine-client.ts'
import { LogLines, MAX_LOG_LINES, type LogLine } from './log-lines.ts'

/** The log of one container while somebody reads it: its last lines, then new ones as they come. */
export class LogState {
  lines = $state.raw<LogLine[]>([])
  error = $state.raw<EngineError>()
  private readonly client: EngineClient
  private readonly id: string
  private readonly stop = new AbortController()

  constructor(client: EngineClient, id: string) {
    this.client = client
    this.id = id
  }

  /** Resolves when the log ends (the container stopped) or `close` was called. */
  async follow(): Promise<void> {
    const log = new LogLines()
    try {
      const { Config } = await this.client.containers.inspect(this.id)
      const options = { tty: Config.Tty, follow: true, tail: MAX_LOG_LINES, signal: this.stop.signal }
      for await (const chunk of this.client.containers.logs(this.id, options)) {
        log.push(chunk)
        this.lines = log.lines
      }
      log.finish()
      this.lines = log.lines
    } catch (thrown) {
      if (!this.stop.signal.aborted) this.error = EngineError.from(thrown)
    }
  }

  close(): void {
    this.stop.abort()
  }
}
