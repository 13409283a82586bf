/** Requests of the Engine API over HTTP, their answers taken as they are: refusals are answers, too. */
import type { EngineRequest, EngineTransport } from '../../guest/protocol/api/engine-transport.ts'

export interface Answer {
  status: number
  /** Of a refusal; of any other answer its whole text. */
  text: string
}

function messageIn(text: string): string {
  if (!text.startsWith('{')) return text.trim()
  const body = JSON.parse(text) as { message?: string }
  return body.message ?? text.trim()
}

async function textOf(body: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = []
  for await (const chunk of body) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}

export async function ask(transport: EngineTransport, request: EngineRequest): Promise<Answer> {
  const { status, body } = await transport.request(request)
  const text = await textOf(body)
  return { status, text: status < 400 ? text : messageIn(text) }
}

/** As `ask`; of an answer that is no refusal only the head is taken, and its stream is left. */
export async function askForHead(transport: EngineTransport, request: EngineRequest): Promise<Answer> {
  const abort = new AbortController()
  const { status, body } = await transport.request({ ...request, signal: abort.signal })
  if (status >= 400) return { status, text: messageIn(await textOf(body)) }
  abort.abort(new Error('the head was enough'))
  return { status, text: '' }
}

/** The value of an answer that must be a success. */
export async function call<Value>(transport: EngineTransport, request: EngineRequest): Promise<Value> {
  const { status, text } = await ask(transport, request)
  if (status >= 300) throw new Error(`${request.method} ${request.path}: ${status} ${text}`)
  return (text === '' ? undefined : JSON.parse(text)) as Value
}
