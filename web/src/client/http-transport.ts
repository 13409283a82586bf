import type { ByteStream } from '../../../guest/protocol/wire/byte-stream.ts'
import type {
  EngineRequest,
  EngineResponse,
  EngineTransport,
} from '../../../guest/protocol/api/engine-transport.ts'
import { unlessAborted } from '../../../guest/protocol/wire/unless-aborted.ts'
import { engineErrorFrom } from '../../../guest/vocabulary/engine-client/refusal.ts'
import { HttpConnection, type Exchange } from './http-connection.ts'
import { encodeRequest, engineRequestParts } from './http-request.ts'

/**
 * Milliseconds for which an idle connection may be reused. The engine closes none by itself (keepAliveTimeout in
 * http-adapter.ts).
 */
const MAX_IDLE_MS = 2000
const MAX_IDLE_CONNECTIONS = 4

/** The Engine API over HTTP/1.1 on byte streams: one stream for each concurrent request, reused while fresh. */
export class HttpTransport implements EngineTransport {
  private readonly open: () => Promise<ByteStream>
  private readonly now: () => number
  private readonly idle: { connection: HttpConnection; since: number }[] = []

  constructor(open: () => Promise<ByteStream>, now: () => number = () => performance.now()) {
    this.open = open
    this.now = now
  }

  async request(request: EngineRequest): Promise<EngineResponse> {
    const { head, body } = await this.exchange(request, false)
    return { status: head.status, headers: head.headers, body }
  }

  async upgrade(request: EngineRequest): Promise<{ headers: Record<string, string>; stream: ByteStream }> {
    const { head, body, upgraded } = await this.exchange(request, true)
    if (head.status !== 101)
      throw await engineErrorFrom({ status: head.status, headers: head.headers, body }, request)
    return { headers: head.headers, stream: upgraded() }
  }

  private async exchange(request: EngineRequest, upgrade: boolean): Promise<Exchange> {
    const encoded = encodeRequest(engineRequestParts(request, upgrade))
    request.signal?.throwIfAborted()
    const connection = this.takeIdle() ?? (await this.connect(request.signal))
    return connection.exchange(encoded, request.signal, () => this.release(connection))
  }

  private async connect(signal: AbortSignal | undefined): Promise<HttpConnection> {
    const close = (stream: ByteStream) => stream.reset('the request was aborted')
    return new HttpConnection(await unlessAborted(this.open(), signal, close))
  }

  private takeIdle(): HttpConnection | undefined {
    const freshest = this.idle.pop()
    if (!freshest) return undefined
    if (this.now() - freshest.since < MAX_IDLE_MS) return freshest.connection
    for (const { connection } of [freshest, ...this.idle.splice(0)]) connection.close()
    return undefined
  }

  private release(connection: HttpConnection): void {
    if (this.idle.length >= MAX_IDLE_CONNECTIONS) return connection.close()
    const entry = { connection, since: this.now() }
    this.idle.push(entry)
    connection.watch(() => {
      const index = this.idle.indexOf(entry)
      if (index !== -1) this.idle.splice(index, 1)
    })
  }
}
