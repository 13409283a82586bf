/** Joins a client's stream with a process: typed bytes in, output out, until either ends or the client leaves. */
import type { ByteStream } from '../../protocol/wire/byte-stream.ts'
import type { ShimAttachment } from '../host/launcher/launcher-api.ts'
import { DetachKeyFilter } from '../../vocabulary/detach-keys.ts'
import { stdcopyFrame } from '../../vocabulary/stdcopy.ts'

export interface PipeOptions {
  stdin: boolean
  stdout: boolean
  stderr: boolean
  /** Frames of stdcopy.ts; raw bytes otherwise. */
  multiplex: boolean
  /** The client's end of input ends the process's. */
  closeStdin: boolean
  detachKeys?: Uint8Array
  /** Waited for between the end of the output and that of the client's stream, which the client takes for the process's own. */
  ended?: Promise<unknown>
}

export type PipeEnd = 'finished' | 'detached'

async function nextChunk(stream: ByteStream): Promise<Uint8Array | null | 'lost'> {
  try {
    return await stream.read()
  } catch {
    // A reset or a lost connection: the client has left, which is no failure of ours.
    return 'lost'
  }
}

/** Resolves false when the process takes no more input: it has closed its stdin or ended. */
async function feed(attachment: ShimAttachment, bytes: Uint8Array): Promise<boolean> {
  if (bytes.length === 0) return true
  return attachment.write(bytes).then(
    () => true,
    () => false,
  )
}

async function pumpInput(
  stream: ByteStream,
  attachment: ShimAttachment,
  options: PipeOptions,
): Promise<PipeEnd> {
  const filter = options.detachKeys && new DetachKeyFilter(options.detachKeys)
  let wanted = options.stdin
  for (;;) {
    const chunk = await nextChunk(stream)
    if (chunk === 'lost') return 'detached'
    if (chunk === null) break
    if (!wanted) continue
    const { pass, detached } = filter?.push(chunk) ?? { pass: chunk, detached: false }
    wanted = await feed(attachment, pass)
    if (detached) return 'detached'
  }
  // What closing a closed input answers does not matter.
  if (wanted && options.closeStdin) await attachment.closeStdin().catch(() => undefined)
  return 'finished'
}

async function pumpOutput(
  stream: ByteStream,
  attachment: ShimAttachment,
  options: PipeOptions,
): Promise<void> {
  for await (const { stream: name, bytes } of attachment.output) {
    if (!options[name]) continue
    await stream.write(options.multiplex ? stdcopyFrame(name, bytes) : bytes)
  }
}

/** Resolves when the process's output has ended or the client left; the stream's write side is ended then. */
export async function pipeAttachment(
  stream: ByteStream,
  attachment: ShimAttachment,
  options: PipeOptions,
): Promise<PipeEnd> {
  // Writing fails only when the client has gone.
  const output = pumpOutput(stream, attachment, options).then(
    (): PipeEnd => 'finished',
    (): PipeEnd => 'detached',
  )
  const input = pumpInput(stream, attachment, options)
  // The end of input is not the end: only leaving is.
  const left = input.then((end) => (end === 'detached' ? end : output))
  try {
    const end = await Promise.race([output, left])
    if (end === 'finished') await options.ended
    return end
  } finally {
    attachment.detach()
    await stream.end().catch(() => stream.reset('the process has ended'))
  }
}
