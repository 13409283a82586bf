/** Joins a client's stream with a process: passes typed bytes in and output out, until either ends or the client leaves. */
import type { ByteStream } from '../../protocol/wire/byte-stream.ts'
import type { ShimAttachment } from '../host/launcher/launcher-api.ts'
import { DetachKeyFilter } from '../../vocabulary/detach-keys.ts'
import { stdcopyFrame } from '../../vocabulary/stdcopy.ts'

export interface PipeOptions {
  stdin: boolean
  stdout: boolean
  stderr: boolean
  /** Sends frames of stdcopy.ts; otherwise raw bytes. */
  multiplex: boolean
  /** The end of the client's input ends the process's. */
  closeStdin: boolean
  detachKeys?: Uint8Array
  /**
   * Delays the end of the client's stream after the output has ended, because the client takes the end for the
   * process's own.
   */
  ended?: Promise<unknown>
}

export type PipeEnd = 'finished' | 'detached'

/** A reset or a lost connection means that the client has left, which is no failure of ours. */
const lost = (): 'lost' => 'lost'

const nextChunk = (stream: ByteStream): Promise<Uint8Array | null | 'lost'> => stream.read().catch(lost)

const taken = (): boolean => true
const refused = (): boolean => false

/** Writes to the process's stdin. Resolves false when it takes no more input: it has closed its stdin or ended. */
function feed(attachment: ShimAttachment, bytes: Uint8Array): Promise<boolean> | true {
  return bytes.length === 0 ? true : attachment.write(bytes).then(taken, refused)
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
  // Closing an input that the process has closed already may fail, which does not matter.
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

/**
 * Joins a stream with an attachment. Resolves when the process's output has ended or the client left; the stream's
 * write side is ended then.
 */
export async function pipeAttachment(
  stream: ByteStream,
  attachment: ShimAttachment,
  options: PipeOptions,
): Promise<PipeEnd> {
  // Only a client that has gone makes a write fail.
  const output = pumpOutput(stream, attachment, options).then(
    (): PipeEnd => 'finished',
    (): PipeEnd => 'detached',
  )
  const input = pumpInput(stream, attachment, options)
  // The end of the client's input does not end the attachment; only its leaving does.
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
