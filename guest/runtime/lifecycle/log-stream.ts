/** `GET /containers/{id}/logs`: the log as Docker's frames. */
import { parseTime } from '../host/clock.ts'
import type { Container } from './container.ts'
import type { EngineContext } from './context.ts'
import { logPath } from './log-file.ts'
import { readLog, type LogQuery } from './log-reader.ts'
import { multiplexFrame } from './stdcopy.ts'
import { EngineError } from '../../protocol/errors.ts'

export interface LogOptions {
  stdout: boolean
  stderr: boolean
  /** Nanoseconds since the epoch. */
  since?: bigint
  until?: bigint
  tail?: number
  timestamps?: boolean
  follow?: boolean
  signal?: AbortSignal
}

/** Docker pads the fraction to nine digits, so that columns line up. */
function paddedTime(time: string): string {
  const [seconds = '', fraction = ''] = time.replace('Z', '').split('.')
  return `${seconds}.${fraction.padEnd(9, '0')}Z`
}

const encoder = new TextEncoder()

function withTime(time: string, text: Uint8Array): Uint8Array {
  const prefix = encoder.encode(`${paddedTime(time)} `)
  const line = new Uint8Array(prefix.length + text.length)
  line.set(prefix)
  line.set(text, prefix.length)
  return line
}

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
  const query: LogQuery = {
    ...(options.tail !== undefined && { tail: options.tail }),
    ...(options.follow && container.isRunning && { until: container.wait('not-running') }),
    ...(options.signal && { signal: options.signal }),
  }
  for await (const { time, stream, text } of readLog(context.files, logPath(context, container.id), query)) {
    if (!options[stream]) continue
    const at = options.since === undefined && options.until === undefined ? undefined : parseTime(time)
    if (at !== undefined && options.since !== undefined && at < options.since) continue
    if (at !== undefined && options.until !== undefined && at > options.until) return
    const line = options.timestamps ? withTime(time, text) : text
    yield config.Tty ? line : multiplexFrame(stream, line)
  }
}
