/** A stream through a program of the guest: what it reads on standard input and writes on standard output. */
import { spawn, type ChildProcess } from 'node:child_process'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { EngineError } from '../../../protocol/errors.ts'

/** Characters of a program's complaint that are passed on. */
const COMPLAINT_LIMIT = 1024

interface Feed {
  /** The failure of the bytes' own source. */
  failure?: unknown
}

/** Tells failures of the source from those of the pipe, which are thrown into a generator as well. */
async function* watched(bytes: AsyncIterable<Uint8Array>, feed: Feed): AsyncGenerator<Uint8Array> {
  const source = bytes[Symbol.asyncIterator]()
  const next = () =>
    source.next().catch((error: unknown) => {
      feed.failure = error
      throw error
    })
  try {
    for (let piece = await next(); !piece.done; piece = await next()) yield piece.value
  } finally {
    await source.return?.()
  }
}

/**
 * Ends the program when its reader leaves. Rejects with what the source rejects with; with EngineError `invalid` in the
 * program's words, its name in the details, when the program ends with a status other than 0; with `internal` when it
 * could not be run to its end.
 */
export async function* throughProgram(
  [command, ...args]: readonly [string, ...string[]],
  bytes: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  const child = spawn(command, args, { stdio: 'pipe' })
  const ended = endOf(child)
  // A process that could not be spawned for want of descriptors has no pipes.
  if ((child.stdout as Readable | undefined) === undefined) throw failureOf(command, await ended, '')
  const feed: Feed = {}
  let complaint = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint = (complaint + text).slice(0, COMPLAINT_LIMIT)
  })
  // A program that has seen enough closes its input; its exit status says whether that is a failure.
  const fed = pipeline(Readable.from(watched(bytes, feed)), child.stdin).catch(() => undefined)
  try {
    for await (const chunk of child.stdout) yield chunk as Uint8Array
    const [end] = await Promise.all([ended, fed])
    if (feed.failure !== undefined) throw feed.failure
    if (end !== 0) throw failureOf(command, end, complaint.trim())
  } finally {
    child.kill('SIGKILL')
    child.stdin.destroy()
  }
}

/** An exit status, the name of the signal that ended it, or why it did not run. */
type End = number | NodeJS.Signals | Error

const endOf = (child: ChildProcess): Promise<End> =>
  new Promise((resolve) => {
    child.once('error', resolve)
    child.once('close', (status, signal) => resolve(status ?? signal!))
  })

function failureOf(program: string, end: End, complaint: string): EngineError {
  if (end instanceof Error) return new EngineError('internal', `${program}: ${end.message}`, {}, end)
  if (typeof end === 'string') return new EngineError('internal', `${program} was ended by ${end}`)
  return new EngineError('invalid', complaint || `${program} ended with ${end}`, { program })
}
