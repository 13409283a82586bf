/** `GET /containers/{id}/logs`: the log as Docker's frames. */
import { concatBytes } from '../../../vocabulary/concat-bytes.ts'
import { parseTime } from '../../host/clock.ts'
import type { Container } from '../state/container.ts'
import type { EngineContext } from '../state/context.ts'
import { logPath } from './log-file.ts'
import { readLog, type LogQuery } from '../../task/log-reader.ts'
import { stdcopyFrame } from '../../../vocabulary/stdcopy.ts'
import { EngineError } from '../../../protocol/errors.ts'

export interface LogOptions {
  stdout: boolean
  stderr: boolean
  /** Nanoseconds since the epoch. */
  since?: bigint
  until?: bigint
  tail?: number
  timestamps?: boolean
  follow?: boolean
  /** What the log options `labels` and `env` choose, before each line. */
  details?: boolean
  /** Raw bytes even without a terminal. */
  raw?: boolean
  signal?: AbortSignal
}

/** Docker pads the fraction to nine digits, so that columns line up. */
function paddedTime(time: string): string {
  const [seconds = '', fraction = ''] = time.replace('Z', '').split('.')
  return `${seconds}.${fraction.padEnd(9, '0')}Z`
}

const encoder = new TextEncoder()

const prefixed = (text: string, rest: Uint8Array): Uint8Array => concatBytes([encoder.encode(text), rest])

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

/** Go's url.QueryEscape. */
const escaped = (text: string): string => encodeURIComponent(text).replaceAll('%20', '+')

/** @throws EngineError `not-supported` when nothing is kept of what the container says, `conflict` when it is going */
export function checkReadable({ record, isLeaving }: Container): void {
  if (isLeaving)
    throw new EngineError('conflict', 'can not get logs from container which is dead or marked for removal')
  if (record.hostConfig.LogConfig.Type === 'none')
    throw new EngineError('not-supported', 'configured logging driver does not support reading')
}

/** Raw bytes for a container with a terminal, frames of stdcopy.ts otherwise. Ends with the log, or with the process for `follow`. */
export async function* logFrames(
  context: EngineContext,
  container: Container,
  options: LogOptions,
): AsyncGenerator<Uint8Array> {
  const { config } = container.record
  checkReadable(container)
  const details = options.details ? detailsOf(container) : ''
  const until =
    options.follow && container.isRunning ? container.wait('not-running', options.signal) : undefined
  // It rejects when the client leaves, which the reader of the log learns from the signal.
  until?.catch(() => undefined)
  const query: LogQuery = {
    ...(options.tail !== undefined && { tail: options.tail }),
    ...(until && { until }),
    ...(options.signal && { signal: options.signal }),
  }
  for await (const { time, stream, text } of readLog(context.files, logPath(context, container.id), query)) {
    if (!options[stream]) continue
    const at = options.since === undefined && options.until === undefined ? undefined : parseTime(time)
    if (at !== undefined && options.since !== undefined && at < options.since) continue
    if (at !== undefined && options.until !== undefined && at > options.until) return
    const before = `${options.timestamps ? `${paddedTime(time)} ` : ''}${details}`
    const line = before === '' ? text : prefixed(before, text)
    yield config.Tty || options.raw ? line : stdcopyFrame(stream, line)
  }
}
