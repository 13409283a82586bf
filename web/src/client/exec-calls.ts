import type { ByteStream } from '../../../guest/protocol/wire/byte-stream.ts'
import type { ExecCreateRequest, ExecInspect, IdResponse } from '../../../guest/protocol/api/engine-api.ts'
import type { EngineCalls } from './engine-calls.ts'

/** Engine API, tag Exec, and Porthole's processes of the guest itself, which share its calls. */
export class ExecCalls {
  private readonly calls: EngineCalls

  constructor(calls: EngineCalls) {
    this.calls = calls
  }

  /** Creates a process of the guest, outside every container; resolves with its exec id. */
  async createInGuest(exec: ExecCreateRequest, signal?: AbortSignal): Promise<string> {
    const body = { json: exec }
    const answer = await this.calls.json<IdResponse>({ method: 'POST', path: '/porthole/exec', body, signal })
    return answer.Id
  }

  /** Starts an exec that has a terminal and resolves with the terminal's raw stream. */
  async attach(
    id: string,
    { rows, columns }: { rows: number; columns: number },
    signal?: AbortSignal,
  ): Promise<ByteStream> {
    const body = { json: { Detach: false, Tty: true, ConsoleSize: [rows, columns] } }
    const path = `/exec/${id}/start`
    const { stream } = await this.calls.transport.upgrade({ method: 'POST', path, body, signal })
    return stream
  }

  resize(id: string, rows: number, columns: number): Promise<void> {
    return this.calls.done({ method: 'POST', path: `/exec/${id}/resize`, query: { h: rows, w: columns } })
  }

  inspect(id: string): Promise<ExecInspect> {
    return this.calls.json({ method: 'GET', path: `/exec/${id}/json` })
  }
}
