/** Runs a command in the guest itself through the Engine API's porthole extension (POST /porthole/exec, then Docker's exec calls). */
import type { ByteStream } from '../../../guest/protocol/wire/byte-stream.ts'
import type { EngineTransport } from '../../../guest/protocol/api/engine-transport.ts'
import { EngineError } from '../../../guest/protocol/errors.ts'
import { EngineApi } from '../../../guest/vocabulary/engine-client/engine-api.ts'
import { ExecCalls } from '../../../web/src/client/exec-calls.ts'
import { demuxLogs } from '../../../web/src/client/log-demux.ts'

/** Takes a piece of output; the next is not read before this one's promise resolves. */
export type ExecOutput = (output: 'stdout' | 'stderr', bytes: Uint8Array) => Promise<void>

/** Resolves with the exit status; `stdin` is read only when given, to its end. */
export async function execInGuest(
  transport: EngineTransport,
  command: string[],
  output: ExecOutput,
  stdin?: AsyncIterable<Uint8Array>,
): Promise<number> {
  const calls = new ExecCalls(new EngineApi(transport))
  const id = await calls.createInGuest({
    Cmd: command,
    AttachStdin: stdin !== undefined,
    AttachStdout: true,
    AttachStderr: true,
    Tty: false,
  })
  const body = { json: { Detach: false, Tty: false } }
  const { stream } = await transport.upgrade({ method: 'POST', path: `/exec/${id}/start`, body })
  if (stdin) void forward(stdin, stream)
  else await stream.end()
  for await (const { stream: name, bytes } of demuxLogs(chunksOf(stream))) await output(name, bytes)
  const { ExitCode } = await calls.inspect(id)
  if (typeof ExitCode === 'number') return ExitCode
  throw new EngineError('internal', `the engine does not know how ${JSON.stringify(command)} ended`, {
    exec: id,
  })
}

/** A command may stop reading its input; its exit status says whether that is a failure. */
async function forward(stdin: AsyncIterable<Uint8Array>, stream: ByteStream): Promise<void> {
  try {
    for await (const chunk of stdin) await stream.write(chunk)
    await stream.end()
  } catch (error) {
    if (EngineError.from(error).code !== 'unavailable') throw error
  }
}

async function* chunksOf(stream: ByteStream): AsyncGenerator<Uint8Array> {
  for (let chunk = await stream.read(); chunk; chunk = await stream.read()) yield chunk
}
