/**
 * Serves thin `docker` clients: each connection is one run of the command. Nothing that a client sends may end the
 * engine.
 */
import type { ByteStream } from '../../protocol/wire/byte-stream.ts'
import type { EngineTransport } from '../../protocol/api/engine-transport.ts'
import { EngineError } from '../../protocol/errors.ts'
import { CliMessageDecoder, parseHello, type CliMessage } from './cli-message.ts'
import { WireSession } from './cli-session.ts'
import type { CliFiles } from '../host/files/cli-file-access.ts'
import { runDocker } from './dispatch.ts'

export interface CliServerOptions {
  transport: EngineTransport
  files: CliFiles
  /** Connects to the engine's socket. */
  dial: () => Promise<ByteStream>
  /** Calls back for every connection of a client; resolves with how to stop listening. See host/net/cli-listener.ts. */
  listen: (accept: (stream: ByteStream) => void) => Promise<{ close(): Promise<void> }>
  /** Milliseconds since the epoch. */
  now?: () => number
  /** Called for connections that broke the protocol; without it they are not reported. */
  onError?: (error: EngineError) => void
}

export function serveCli(options: CliServerOptions): Promise<{ close(): Promise<void> }> {
  return options.listen((stream) => {
    void serveConnection(stream, options).catch((thrown: unknown) => {
      const error = EngineError.from(thrown)
      stream.reset(error.message)
      options.onError?.(error)
    })
  })
}

/**
 * Serves one client. Resolves when the command has ended.
 * @throws EngineError for a client that broke the protocol before its command began
 */
export async function serveConnection(stream: ByteStream, options: CliServerOptions): Promise<void> {
  // The stream reports its loss through read(); here it needs no second report.
  stream.closed.catch(() => undefined)
  const decoder = new CliMessageDecoder()
  const early: CliMessage[] = []
  while (early.length === 0) {
    const chunk = await stream.read()
    if (chunk === null) return
    early.push(...decoder.push(chunk))
  }
  const session = new WireSession(stream, parseHello(early[0]!))
  void receiveAll(stream, decoder, session, early.slice(1), options.onError)
  const { transport, files, dial, now = Date.now } = options
  const code = await runDocker(session, { transport, files, dial, now })
  await session.exit(code)
  await stream.end().catch(() => undefined)
}

/** Reads until the client ends or breaks the protocol; either loses the session. */
async function receiveAll(
  stream: ByteStream,
  decoder: CliMessageDecoder,
  session: WireSession,
  early: readonly CliMessage[],
  onError: CliServerOptions['onError'],
): Promise<void> {
  try {
    for (const message of early) session.receive(message)
    for (let chunk = await stream.read(); chunk !== null; chunk = await stream.read()) {
      for (const message of decoder.push(chunk)) session.receive(message)
    }
    session.lose('the docker client disconnected')
  } catch (thrown) {
    const error = EngineError.from(thrown)
    session.lose(error.message)
    stream.reset(error.message)
    if (error.code !== 'unavailable') onError?.(error)
  }
}
