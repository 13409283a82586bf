/** What goes to the process of a host plan that moves bytes: the plan, and its input in messages or by a pipe. */
import { isPiped, type PipedBytes } from '../../../protocol/api/piped-bytes.ts'
import { EngineError } from '../../../protocol/errors.ts'
import { concatBytes } from '../../../vocabulary/concat-bytes.ts'
import { abandon, endPipe, forgetPipe, isBrokenPipe } from '../pipes.ts'
import type { SocketPlanStream } from './plan-stream.ts'
import { encodeFrame } from './shim-frames.ts'
import type { ShimSocket } from './shim-socket.ts'

export interface PlanInput {
  plan: Uint8Array
  bytes: AsyncIterable<Uint8Array> | undefined
  /** The name of a pipe that can be made. */
  pipe: string
}

/** Resolves when all was sent; rejects as the stream does, or with the failure of the bytes' own source. */
export async function sendPlan(
  socket: ShimSocket,
  stream: SocketPlanStream,
  { plan, bytes, pipe }: PlanInput,
): Promise<void> {
  try {
    if (isPiped(bytes)) {
      const feed = encodeFrame('feed', new TextEncoder().encode(pipe))
      // A plan that fails at once would not be heard any more after a write that finds it gone.
      await socket.write(concatBytes([encodeFrame('plan', plan), feed]))
    } else {
      await socket.send('plan', plan)
      await sendBytes(socket, stream, bytes)
    }
  } catch (thrown) {
    if (isPiped(bytes)) abandon(bytes)
    // The plan's own failure says more than a failed write does, but may arrive after it.
    if (EngineError.from(thrown).code !== 'unavailable') stream.finish(EngineError.from(thrown))
    await stream.begun
  }
  if (isPiped(bytes)) await feed(stream, bytes, pipe)
}

async function sendBytes(
  socket: ShimSocket,
  stream: SocketPlanStream,
  bytes: AsyncIterable<Uint8Array> | undefined,
): Promise<void> {
  for await (const chunk of bytes ?? []) {
    if (stream.ended) return
    await socket.send('stdin', chunk)
  }
  if (bytes !== undefined && !stream.ended) await socket.send('stdinEof')
}

/** The plan reads the pipe to its end, whatever fails. */
async function feed(stream: SocketPlanStream, bytes: PipedBytes, pipe: string): Promise<void> {
  if (!(await stream.fed)) {
    forgetPipe(pipe)
    return abandon(bytes)
  }
  try {
    await bytes.pipeTo(pipe)
  } catch (thrown) {
    // The plan would wait for a writer that has never opened the pipe.
    endPipe(pipe)
    const error = EngineError.from(thrown)
    // The failure of a plan that has gone says more.
    if (isBrokenPipe(error)) await stream.begun
    stream.finish(error)
    throw error
  }
}
