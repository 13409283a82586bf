/** A connection to a Node process's inspector over a ByteStream: the Chrome DevTools Protocol in a WebSocket. */
import { get } from 'node:http'
import type { Duplex } from 'node:stream'
import { text } from 'node:stream/consumers'
import { WebSocket } from 'ws'
import type { ByteStream } from '../../../guest/protocol/wire/byte-stream.ts'
import { EngineError } from '../../../guest/protocol/errors.ts'
import { isRecord } from '../../../guest/protocol/wire/is-record.ts'
import { streamSocket } from './stream-socket.ts'

interface Waiting {
  resolve(result: unknown): void
  reject(error: EngineError): void
}

export class InspectorConnection {
  readonly #socket: WebSocket
  readonly #waiting = new Map<number, Waiting>()
  #next = 1

  private constructor(socket: WebSocket) {
    this.#socket = socket
    socket.on('message', (data) => this.#receive(String(data as Buffer)))
    socket.on('close', () => {
      for (const { reject } of this.#waiting.values())
        reject(new EngineError('unavailable', 'the inspector closed the connection'))
    })
  }

  /** @param connect opens a stream to the inspector's port */
  static async open(connect: () => Promise<ByteStream>): Promise<InspectorConnection> {
    const id = await targetOf(streamSocket(await connect()))
    const stream = streamSocket(await connect())
    const socket = new WebSocket(`ws://127.0.0.1/${id}`, { createConnection: () => stream as never })
    await new Promise<void>((resolve, reject) => {
      socket.once('open', resolve)
      socket.once('error', reject)
    })
    return new InspectorConnection(socket)
  }

  /** Rejects with what the inspector says of a failure. */
  call(method: string, params: Record<string, unknown> = {}): Promise<unknown> {
    const id = this.#next++
    this.#socket.send(JSON.stringify({ id, method, params }))
    return new Promise((resolve, reject) => this.#waiting.set(id, { resolve, reject }))
  }

  close(): void {
    this.#socket.terminate()
  }

  #receive(message: string): void {
    const answer: unknown = JSON.parse(message)
    if (!isRecord(answer) || typeof answer.id !== 'number') return
    const waiting = this.#waiting.get(answer.id)
    this.#waiting.delete(answer.id)
    if (isRecord(answer.error)) waiting?.reject(new EngineError('internal', String(answer.error.message)))
    else waiting?.resolve(answer.result)
  }
}

/** The id of the process's first target. */
async function targetOf(socket: Duplex): Promise<string> {
  const answer = await new Promise<string>((resolve, reject) => {
    const request = get({ path: '/json/list', createConnection: () => socket }, (response) => {
      text(response).then(resolve, reject)
    })
    request.once('error', reject)
  })
  const targets: unknown = JSON.parse(answer)
  const [first] = Array.isArray(targets) ? (targets as unknown[]) : []
  if (!isRecord(first) || typeof first.id !== 'string')
    throw new EngineError('internal', `the inspector has no target: ${answer}`)
  return first.id
}
