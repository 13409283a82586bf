/** Joins the caller's terminal and a hijacked connection of a container or an exec. */
import type { DirectEnd } from '../../../../protocol/api/direct-attach.ts'
import type { ByteStream } from '../../../../protocol/wire/byte-stream.ts'
import type { CliSession } from '../session.ts'
import { DEFAULT_DETACH_KEYS, DetachKeyFilter, parseDetachKeys } from '../../../../vocabulary/detach-keys.ts'
import { StdcopyDecoder } from '../../../../vocabulary/stdcopy.ts'

export interface BridgeOptions {
  stream: ByteStream
  /** The container has a terminal: one raw stream, and detach keys count. */
  tty: boolean
  stdin: boolean
  stdout: boolean
  stderr: boolean
  /** `--detach-keys`; empty for the default. */
  detachKeys: string
  /** The client is attached to the process itself: how that ends. */
  direct?: Promise<DirectEnd> | undefined
}

/** `output`: the container's side ended; `detached`: the user left. */
export type BridgeEnd = 'output' | 'detached'

function detachKeys(session: CliSession, text: string): Uint8Array {
  if (text === '') return DEFAULT_DETACH_KEYS
  try {
    return parseDetachKeys(text)
  } catch (error) {
    void session.stderr.write(`invalid detach escape keys, using default: ${(error as Error).message}\n`)
    return DEFAULT_DETACH_KEYS
  }
}

/**
 * Copies until the output ends or the user detaches. The terminal is raw meanwhile; it and stdin are given back at the
 * end.
 * @throws EngineError when the connection or the caller is lost
 */
export async function bridge(session: CliSession, options: BridgeOptions): Promise<BridgeEnd> {
  const raw = options.tty && options.stdin
  const onEnded = (): void => options.stream.reset('the docker client is gone')
  session.ended.addEventListener('abort', onEnded, { once: true })
  if (raw) session.stdin.setRaw(true)
  try {
    if (options.direct) return await endOf(options.direct, options.stream)
    const detached = options.stdin ? copyInput(session, options) : options.stream.end().then(() => undefined)
    const output =
      options.stdout || options.stderr ? copyOutput(session, options) : waitForEnd(options.stream)
    // The end of the input alone does not end the bridge: what the container still writes must be shown.
    const leaving = detached.then((keys) => keys ?? output)
    return await Promise.race([output, leaving])
  } finally {
    session.ended.removeEventListener('abort', onEnded)
    if (raw) session.stdin.setRaw(false)
    if (options.stdin) session.stdin.stop()
  }
}

/** Resolves with `detached`, or with nothing at the end of the input. */
async function copyInput(
  session: CliSession,
  { stream, tty, detachKeys: keys }: BridgeOptions,
): Promise<'detached' | undefined> {
  const filter = tty ? new DetachKeyFilter(detachKeys(session, keys)) : undefined
  for (let typed = await session.stdin.read(); typed !== null; typed = await session.stdin.read()) {
    const { pass, detached } = filter?.push(typed) ?? { pass: typed, detached: false }
    if (pass.length > 0 && !(await delivered(stream.write(pass)))) return undefined
    if (detached) return 'detached'
  }
  await delivered(stream.end())
  return undefined
}

/**
 * False when the container takes no more input because it has exited: the output side reports that, and what went
 * wrong.
 */
async function delivered(writing: Promise<void>): Promise<boolean> {
  return writing.then(
    () => true,
    () => false,
  )
}

/** Waits for an attachment that the client serves itself; the stream ends with the process, and is lost with the engine. */
async function endOf(direct: Promise<DirectEnd>, stream: ByteStream): Promise<BridgeEnd> {
  const ended = waitForEnd(stream)
  return Promise.race([direct.then((end) => (end === 'detached' ? 'detached' : ended)), ended])
}

async function waitForEnd(stream: ByteStream): Promise<BridgeEnd> {
  while ((await stream.read()) !== null);
  return 'output'
}

async function copyOutput(session: CliSession, options: BridgeOptions): Promise<BridgeEnd> {
  const decoder = options.tty ? undefined : new StdcopyDecoder()
  for (let chunk = await options.stream.read(); chunk !== null; chunk = await options.stream.read()) {
    if (decoder === undefined) await session.stdout.write(chunk)
    else {
      for (const { stream, bytes } of decoder.push(chunk)) {
        if (options[stream]) await session[stream].write(bytes)
      }
    }
  }
  return 'output'
}
