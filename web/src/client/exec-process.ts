/**
 * Runs a process beside the terminals: of the guest itself (POST /porthole/exec, then Docker's exec calls), or of a
 * container.
 */
import type { ByteStream } from '../../../guest/protocol/wire/byte-stream.ts'
import type { EngineTransport } from '../../../guest/protocol/api/engine-transport.ts'
import { EngineError } from '../../../guest/protocol/errors.ts'
import { unlessAborted } from '../../../guest/protocol/wire/unless-aborted.ts'
import { EngineApi } from '../../../guest/vocabulary/engine-client/engine-api.ts'
import type { OutputStream } from '../../../guest/vocabulary/stdcopy.ts'
import { ContainerCalls } from './container-calls.ts'
import { ExecCalls } from './exec-calls.ts'
import { demuxLogs } from './log-demux.ts'

/** Takes a piece of output; the next is not read before this one's promise resolves. */
export type ExecOutput = (output: OutputStream, bytes: Uint8Array) => Promise<void>

export interface ExecOptions {
  /** Read only when given, to its end. */
  stdin?: AsyncIterable<Uint8Array>
  /** The name or id of the container in which it runs; the guest itself by default. */
  container?: string
  /** Ends the process, which is killed then. */
  signal?: AbortSignal
}

/** Resolves with the exit status. Rejects with the signal's reason, or what `output` rejects with; the process is killed then. */
export async function execProcess(
  transport: EngineTransport,
  command: string[],
  output: ExecOutput,
  { stdin, container, signal }: ExecOptions = {},
): Promise<number> {
  const api = new EngineApi(transport)
  const calls = new ExecCalls(api)
  const exec = {
    Cmd: command,
    AttachStdin: stdin !== undefined,
    AttachStdout: true,
    AttachStderr: true,
    Tty: false,
  }
  const id =
    container === undefined
      ? await calls.createInGuest(exec, signal)
      : await new ContainerCalls(api).createExec(container, exec, signal)
  try {
    const json = { Detach: false, Tty: false }
    const { stream } = await api.upgrade(`/exec/${id}/start`, { json, signal })
    if (stdin) void forward(stdin, stream)
    else await stream.end()
    for await (const { stream: name, bytes } of demuxLogs(chunksOf(stream, signal))) await output(name, bytes)
  } catch (error) {
    // What went wrong is told; a machine that cannot be asked to kill a process is no news beside it.
    await killProcess(transport, calls, id).catch(() => undefined)
    signal?.throwIfAborted()
    throw error
  }
  const { ExitCode } = await calls.inspect(id)
  if (typeof ExitCode === 'number') return ExitCode
  throw new EngineError('internal', `the engine does not know how ${JSON.stringify(command)} ended`, {
    exec: id,
  })
}

/** The Engine API has no call that ends an exec, but it tells the process's number in the guest. */
async function killProcess(transport: EngineTransport, calls: ExecCalls, id: string): Promise<void> {
  const { Running, Pid } = await calls.inspect(id)
  if (Running && Pid > 0)
    await execProcess(transport, ['kill', '-KILL', String(Pid)], () => Promise.resolve())
}

export interface ExecResult {
  code: number
  stdout: string
  stderr: string
}

/** Collects the output. A failing command is a result, not an error. Rejects with `too-large` beyond `limit` bytes. */
export async function collectExec(
  transport: EngineTransport,
  command: string[],
  { limit = Infinity, ...options }: ExecOptions & { limit?: number } = {},
): Promise<ExecResult> {
  const collected = { stdout: '', stderr: '' }
  const decoders = { stdout: new TextDecoder(), stderr: new TextDecoder() }
  let size = 0
  const collect: ExecOutput = (output, bytes) => {
    size += bytes.length
    if (size > limit) {
      const what = JSON.stringify(command).slice(0, 120)
      return Promise.reject(new EngineError('too-large', `${what} printed more than ${limit} bytes`))
    }
    collected[output] += decoders[output].decode(bytes, { stream: true })
    return Promise.resolve()
  }
  const code = await execProcess(transport, command, collect, options)
  return { code, ...collected }
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

/** Rejects with the signal's reason once it aborts. Whoever leaves before the end resets the stream. */
async function* chunksOf(stream: ByteStream, signal: AbortSignal | undefined): AsyncGenerator<Uint8Array> {
  let ended = false
  try {
    const read = () => unlessAborted(stream.read(), signal)
    for (let chunk = await read(); chunk; chunk = await read()) yield chunk
    ended = true
  } finally {
    if (!ended) stream.reset('nobody reads the output')
  }
}
