/**
 * The messages between the engine and a shim (guest/native/launcher/messages.json): type (1 byte), payload length (4 bytes, little
 * endian), payload. Pure: bytes in, typed messages out.
 */
import { concatBytes } from '../../../vocabulary/concat-bytes.ts'
import { EngineError } from '../../../protocol/errors.ts'
import { parseJsonObject } from '../../../vocabulary/json.ts'
import { FROM_SHIM, OP_NAMES, TO_SHIM } from '../../plan/ops.generated.ts'
import type { ShimExit, StepReport } from './launcher-api.ts'

const HEADER = 5
/** Netlink answers are the largest payloads; ops_net.c stops at 4 MiB. */
const PAYLOAD_MAX = 8 << 20
const NO_STEP = 0xffffffff

export interface Failure {
  role: 'shim' | 'init'
  /** The index of the step; -1 before the first. */
  step: number
  op: string
  errno: number
}

export type ShimMessage =
  /** Decoded by `parseReport`, as reports are read only when somebody asks for them. */
  | { type: 'report'; payload: Uint8Array }
  | { type: 'done' }
  | { type: 'waiting' | 'started'; pid: number; startTime: number }
  | { type: 'failed'; failure: Failure }
  | { type: 'output'; stream: 'stdout' | 'stderr'; bytes: Uint8Array }
  | { type: 'outputEnd' }
  | { type: 'exit'; record: ExitRecord }
  | { type: 'signalled'; result: number }
  | { type: 'dnsQuery'; id: number; query: Uint8Array }
  | { type: 'outputReady' }
  | { type: 'piped'; bytes: number }
  | { type: 'fed' }

export interface ExitRecord extends ShimExit {
  pid: number
  startTime: number
}

/**
 * Incremental: takes bytes as they come, cut anywhere. A frame that cannot be is an EngineError `corrupt`. Only `output` is a
 * view of the bytes that it came with, which may be read into again.
 */
export class ShimDecoder {
  private pending: Uint8Array | undefined

  push(bytes: Uint8Array): ShimMessage[] {
    const all = this.pending === undefined ? bytes : concatBytes([this.pending, bytes])
    const view = new DataView(all.buffer, all.byteOffset, all.length)
    const messages: ShimMessage[] = []
    let at = 0
    while (all.length - at >= HEADER) {
      const size = view.getUint32(at + 1, true)
      if (size > PAYLOAD_MAX) throw corrupt(`a frame of ${size} bytes`)
      const start = at + HEADER
      if (all.length - start < size) break
      messages.push(parseMessage(all[at]!, all.subarray(start, start + size)))
      at = start + size
    }
    this.pending = at === all.length ? undefined : new Uint8Array(all.subarray(at))
    return messages
  }
}

function parseMessage(type: number, payload: Uint8Array): ShimMessage {
  const view = new DataView(payload.buffer, payload.byteOffset, payload.length)
  try {
    switch (type) {
      case FROM_SHIM.report:
        return { type: 'report', payload: new Uint8Array(payload) }
      case FROM_SHIM.done:
        return { type: 'done' }
      case FROM_SHIM.waiting:
        return { type: 'waiting', ...parseIdentity(view) }
      case FROM_SHIM.started:
        return { type: 'started', ...parseIdentity(view) }
      case FROM_SHIM.failed:
        return { type: 'failed', failure: parseFailure(view) }
      case FROM_SHIM.output:
        return {
          type: 'output',
          stream: view.getUint8(0) === 2 ? 'stderr' : 'stdout',
          bytes: payload.subarray(1),
        }
      case FROM_SHIM.outputEnd:
        return { type: 'outputEnd' }
      case FROM_SHIM.exit:
        return { type: 'exit', record: parseExitRecord(new TextDecoder().decode(payload)) }
      case FROM_SHIM.signalled:
        return { type: 'signalled', result: view.getInt32(0, true) }
      case FROM_SHIM.dnsQuery:
        return { type: 'dnsQuery', id: view.getUint32(0, true), query: new Uint8Array(payload.subarray(4)) }
      case FROM_SHIM.outputReady:
        return { type: 'outputReady' }
      case FROM_SHIM.piped:
        return { type: 'piped', bytes: Number(view.getBigUint64(0, true)) }
      case FROM_SHIM.fed:
        return { type: 'fed' }
    }
  } catch (cause) {
    throw corrupt(`a short message of type ${type}`, cause)
  }
  throw corrupt(`a message of unknown type ${type}`)
}

/** @throws EngineError `corrupt` */
export function parseReport(payload: Uint8Array): StepReport[] {
  try {
    return readReport(payload)
  } catch (cause) {
    throw corrupt('a short report', cause)
  }
}

function readReport(payload: Uint8Array): StepReport[] {
  const view = new DataView(payload.buffer, payload.byteOffset, payload.length)
  const role = roleOf(view.getUint8(0))
  const first = view.getUint32(1, true)
  const count = view.getUint32(5, true)
  const steps: StepReport[] = []
  let at = 9
  for (let index = 0; index < count; index++) {
    const size = view.getUint32(at + 14, true)
    const data = payload.slice(at + 18, at + 18 + size)
    if (data.length !== size) throw new RangeError('data')
    steps.push({
      step: first + index,
      role,
      op: opName(view.getUint16(at, true)),
      result: view.getInt32(at + 2, true),
      nanoseconds: Number(view.getBigUint64(at + 6, true)),
      ...(size > 0 && { data }),
    })
    at += 18 + size
  }
  return steps
}

const roleOf = (number: number): 'shim' | 'init' => (number === 1 ? 'init' : 'shim')
const opName = (number: number): string => OP_NAMES[number] ?? 'plan'

function parseIdentity(view: DataView): { pid: number; startTime: number } {
  return { pid: view.getUint32(0, true), startTime: Number(view.getBigUint64(4, true)) }
}

function parseFailure(view: DataView): Failure {
  const step = view.getUint32(1, true)
  return {
    role: roleOf(view.getUint8(0)),
    step: step === NO_STEP ? -1 : step,
    op: opName(view.getUint16(5, true)),
    errno: view.getUint32(7, true),
  }
}

/** The JSON that guest/native/shim/shim_record.c writes. */
export function parseExitRecord(text: string): ExitRecord {
  const record = parseJsonObject(text, 'an exit record')
  const { exitCode, signal, oomKilled, finishedAt, pid, startTime, cleanedUp } = record
  if (typeof exitCode !== 'number' || typeof finishedAt !== 'string' || typeof pid !== 'number') {
    throw corrupt(`the exit record ${text.trim()}`)
  }
  return {
    exitCode,
    ...(typeof signal === 'number' && signal > 0 && { signal }),
    oomKilled: oomKilled === true,
    finishedAt,
    cleanedUp: cleanedUp === true,
    pid,
    startTime: typeof startTime === 'number' ? startTime : 0,
  }
}

const corrupt = (what: string, cause?: unknown): EngineError =>
  new EngineError('corrupt', `the shim sent ${what}`, {}, cause)

export function encodeFrame(type: keyof typeof TO_SHIM, ...parts: readonly Uint8Array[]): Uint8Array {
  const size = parts.reduce((sum, part) => sum + part.length, 0)
  const frame = new Uint8Array(HEADER + size)
  const view = new DataView(frame.buffer)
  view.setUint8(0, TO_SHIM[type])
  view.setUint32(1, size, true)
  let at = HEADER
  for (const part of parts) {
    frame.set(part, at)
    at += part.length
  }
  return frame
}

export function uint32(value: number): Uint8Array {
  const bytes = new Uint8Array(4)
  new DataView(bytes.buffer).setUint32(0, value, true)
  return bytes
}

/** Payload of `resize`. */
export function windowSize({ columns, rows }: { columns: number; rows: number }): Uint8Array {
  const bytes = new Uint8Array(4)
  new DataView(bytes.buffer).setUint16(0, columns, true)
  new DataView(bytes.buffer).setUint16(2, rows, true)
  return bytes
}
