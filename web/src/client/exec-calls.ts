import type { ByteStream } from '../../../guest/protocol/wire/byte-stream.ts'
import type { ExecCreateRequest, ExecInspect } from '../../../guest/protocol/api/engine-api.ts'
import type { EngineApi } from '../../../guest/vocabulary/engine-client/engine-api.ts'

/** Engine API, tag Exec, and Porthole's processes of the guest itself, which share its calls. */
export class ExecCalls {
  private readonly api: EngineApi

  constructor(api: EngineApi) {
    this.api = api
  }

  /** Creates a process of the guest, outside every container; resolves with its exec id. */
  async createInGuest(exec: ExecCreateRequest, signal?: AbortSignal): Promise<string> {
    const { Id } = await this.api.json('POST', '/porthole/exec', { json: exec, signal })
    return Id
  }

  /** Starts an exec that has a terminal and resolves with the terminal's raw stream. */
  async attach(
    id: string,
    { rows, columns }: { rows: number; columns: number },
    signal?: AbortSignal,
  ): Promise<ByteStream> {
    const json = { Detach: false, Tty: true, ConsoleSize: [rows, columns] }
    const { stream } = await this.api.upgrade(`/exec/${id}/start`, { json, signal })
    return stream
  }

  resize(id: string, rows: number, columns: number): Promise<void> {
    return this.api.run('POST', `/exec/${id}/resize`, { query: { h: rows, w: columns } })
  }

  inspect(id: string): Promise<ExecInspect> {
    return this.api.json('GET', `/exec/${id}/json`)
  }
}
