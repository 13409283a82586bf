/** `GET /containers/{id}/logs`: the log as Docker's frames. */
import { paddedTime, parseTime } from '../../host/clock.ts'
import { ERRNO } from '../../plan/errno.ts'
import { LOG_READ } from '../../plan/log-flags.ts'
import type { Step } from '../../plan/plan.ts'
import type { Container } from '../state/container.ts'
import type { EngineContext } from '../state/context.ts'
import { logPath } from './log-file.ts'
import { EngineError } from '../../../protocol/errors.ts'

/** As many lines as the plan's number can say: more than any log has. */
const MAX_TAIL = 2 ** 32 - 1

export interface LogOptions {
  stdout: boolean
  stderr: boolean
  /** Nanoseconds since the epoch. */
  since?: bigint
  until?: bigint
  tail?: number
  timestamps?: boolean
  follow?: boolean
  /** Puts the details that the log options `labels` and `env` choose before each line. */
  details?: boolean
  /** Yields raw bytes even without a terminal. */
  raw?: boolean
  /** Lines of one stream that follow each other share a frame, for a reader that only wants the text. */
  sharedFrames?: boolean
  signal?: AbortSignal
}

/** `labels` and `env` of the log options name what is shown; a space ends it even when that is nothing. */
function detailsOf({ record }: Container): string {
  const { labels = '', env = '' } = record.hostConfig.LogConfig.Config ?? {}
  const values = new Map(Object.entries(record.config.Labels ?? {}))
  const shown = [...labels.split(',').filter((name) => values.has(name))]
  for (const setting of record.config.Env ?? []) {
    const [name = ''] = setting.split('=', 1)
    if (!env.split(',').includes(name)) continue
    values.set(name, setting.slice(name.length + 1))
    shown.push(name)
  }
  const pairs = [...new Set(shown)].map((name) => `${escaped(name)}=${escaped(values.get(name)!)}`)
  return `${pairs.sort().join(',')} `
}

/** Escapes a text as Go's url.QueryEscape does. */
const escaped = (text: string): string => encodeURIComponent(text).replaceAll('%20', '+')

/** @throws EngineError `not-supported` when the log driver keeps nothing, `conflict` when the container is being removed */
export function checkReadable({ record, isLeaving }: Container): void {
  if (isLeaving)
    throw new EngineError('conflict', 'can not get logs from container which is dead or marked for removal')
  if (record.hostConfig.LogConfig.Type === 'none')
    throw new EngineError('not-supported', 'configured logging driver does not support reading')
}

const LAST_TIME = parseTime('9999-12-31T23:59:59.999999999Z')!

/** A time as the log has it, up to the last one of that form; before 1970 nothing was logged. */
function logTime(time: bigint | undefined): string {
  if (time === undefined || time < 0n) return ''
  return paddedTime(time < LAST_TIME ? time : LAST_TIME)
}

function flagsOf(container: Container, options: LogOptions, follow: boolean): number {
  const chosen: Record<keyof typeof LOG_READ, boolean | undefined> = {
    stdout: options.stdout,
    stderr: options.stderr,
    timestamps: options.timestamps,
    multiplex: !container.record.config.Tty && !options.raw,
    share: options.sharedFrames,
    follow,
    tail: options.tail !== undefined,
  }
  const names = Object.keys(chosen) as (keyof typeof LOG_READ)[]
  return names.reduce((flags, name) => (chosen[name] ? flags | LOG_READ[name] : flags), 0)
}

/** The input of a plan that is to go on until then: no bytes, and an end. */
function untilThen(then: Promise<unknown>): AsyncIterable<Uint8Array> {
  const end = () => ({ done: true as const, value: undefined })
  return { [Symbol.asyncIterator]: () => ({ next: () => then.then(end, end) }) }
}

function readError(thrown: unknown): EngineError {
  const error = EngineError.from(thrown)
  const { op, errno, answer } = error.details
  if (op !== 'log-read' || errno !== ERRNO.EBADMSG[0] || !Array.isArray(answer)) return error
  const start = new TextDecoder().decode(Uint8Array.from(answer as number[]))
  return new EngineError('corrupt', `the log has a line that is no record: ${JSON.stringify(start)}`)
}

/**
 * Raw bytes for a container with a terminal, frames of stdcopy.ts otherwise, as the launcher made them
 * (guest/native/log/log_read.c). Ends with the log, or with the process for `follow`.
 */
export async function* logFrames(
  context: EngineContext,
  container: Container,
  options: LogOptions,
): AsyncGenerator<Uint8Array> {
  checkReadable(container)
  const until =
    options.follow && container.isRunning ? container.wait('not-running', options.signal) : undefined
  // It rejects when the client leaves, which may be before the plan waits for it.
  until?.catch(() => undefined)
  const step: Step = {
    op: 'log-read',
    path: logPath(context, container.id),
    flags: flagsOf(container, options, until !== undefined),
    since: logTime(options.since),
    until: logTime(options.until),
    tail: Math.min(options.tail ?? 0, MAX_TAIL),
    details: options.details ? detailsOf(container) : '',
  }
  try {
    const { output } = await context.launcher.stream({ steps: [step] }, until && untilThen(until))
    yield* output
  } catch (thrown) {
    throw readError(thrown)
  }
}
