/** The page's registry on an address of the guest: every request becomes a channel stream of the service `registry`. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { ByteStream } from '../../../protocol/wire/byte-stream.ts'
import { EngineError } from '../../../protocol/errors.ts'
import { isTextRecord, parseJsonObject } from '../../../vocabulary/json.ts'
import type { RegistryRequestHead, RegistryResponseHead } from '../../../protocol/api/registry.ts'
import { LineReader } from '../line-reader.ts'

/** Headers that belong to the connection, not to the message: RFC 9110 §7.6.1. */
const HOP_BY_HOP = ['connection', 'keep-alive', 'transfer-encoding', 'upgrade', 'expect', 'host']

export type OpenRegistryStream = (request: RegistryRequestHead) => Promise<ByteStream>

/** @param open rejects when there is no page to answer: the client gets a 503 with the reason */
export function registryServer(open: OpenRegistryStream): Server {
  return createServer((request, response) => {
    relay(open, request, response).catch((thrown: unknown) => fail(response, thrown))
  })
}

/** Rejects `unavailable` when the address or the port can't be had. */
export function listenOn(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) =>
      reject(new EngineError('unavailable', `cannot listen on ${host}:${port}: ${error.message}`, {}, error)),
    )
    server.listen(port, host, resolve)
  })
}

async function relay(
  open: OpenRegistryStream,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const stream = await open(headOf(request))
  response.once('close', () => {
    if (!response.writableFinished) stream.reset('the client has gone')
  })
  const sending = send(request, stream)
  // The page may answer before it has read the request: then only its answer counts.
  sending.catch(() => undefined)
  const reader = new LineReader(stream, 'the registry')
  const { status, headers } = parseHead(await reader.line())
  response.writeHead(status, headers)
  await pipeline(Readable.from(reader.bytes()), response)
  await sending
}

/** @throws EngineError `corrupt` */
function parseHead(line: string): RegistryResponseHead {
  const { status, headers } = parseJsonObject(line, 'the head of the registry’s answer')
  if (typeof status !== 'number' || !isTextRecord(headers))
    throw new EngineError('corrupt', 'the registry’s answer has no head')
  return { status, headers }
}

function headOf({ method, url, headers }: IncomingMessage): RegistryRequestHead {
  const kept = Object.entries(headers).filter(([name]) => !HOP_BY_HOP.includes(name))
  return {
    method: method ?? 'GET',
    url: url ?? '/',
    headers: Object.fromEntries(kept.map(([name, value]) => [name, String(value)])),
  }
}

async function send(request: IncomingMessage, stream: ByteStream): Promise<void> {
  for await (const chunk of request) await stream.write(chunk as Uint8Array)
  await stream.end()
}

function fail(response: ServerResponse, thrown: unknown): void {
  // The head has been sent: only a broken connection can still say that the body is not whole.
  if (response.headersSent) return void response.destroy()
  const { message } = EngineError.from(thrown)
  response.writeHead(503, { 'content-type': 'application/json' })
  response.end(JSON.stringify({ errors: [{ code: 'UNAVAILABLE', message }] }))
}
