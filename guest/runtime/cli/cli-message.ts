/** Messages of cli-protocol.ts: type (1 byte), payload length (4 bytes, little endian), payload. */
import { CLI_MESSAGE, type CliHello } from '../../protocol/api/cli-protocol.ts'
import type { DirectTarget } from '../../protocol/api/direct-attach.ts'
import { EngineError } from '../../protocol/errors.ts'
import { isRecord } from '../../protocol/wire/is-record.ts'
import { concatBytes } from '../../vocabulary/concat-bytes.ts'
import { isTextRecord } from '../../vocabulary/json.ts'

export interface CliMessage {
  type: number
  payload: Uint8Array
}

const HEADER_BYTES = 5

/** The largest payload a client may send: argv and environment of a long command line (Linux's ARG_MAX is 2 MiB). */
export const MAX_CLIENT_PAYLOAD = 4 << 20

export function encodeMessage(type: number, payload: Uint8Array): Uint8Array {
  const message = new Uint8Array(HEADER_BYTES + payload.length)
  message[0] = type
  new DataView(message.buffer).setUint32(1, payload.length, true)
  message.set(payload, HEADER_BYTES)
  return message
}

/** Payload of `attach`. */
export function encodeTarget({ path, detachKeys, ...wanted }: DirectTarget): Uint8Array {
  const flags = ['stdin', 'stdout', 'stderr', 'closeStdin'] as const
  const bits = flags.reduce((bits, flag, bit) => (wanted[flag] ? bits | (1 << bit) : bits), 0)
  // More keys than the message can say leave nothing: nobody types such a sequence.
  const keys = detachKeys.length > 255 ? new Uint8Array() : detachKeys
  return concatBytes([Uint8Array.of(bits, keys.length), keys, new TextEncoder().encode(path)])
}

/** Incremental: a message may arrive in any pieces. */
export class CliMessageDecoder {
  #pending: Uint8Array = new Uint8Array(0)

  /** @throws EngineError `too-large` */
  push(chunk: Uint8Array): CliMessage[] {
    const bytes = this.#pending.length === 0 ? chunk : Buffer.concat([this.#pending, chunk])
    const messages: CliMessage[] = []
    let at = 0
    while (bytes.length - at >= HEADER_BYTES) {
      const length = new DataView(bytes.buffer, bytes.byteOffset + at).getUint32(1, true)
      if (length > MAX_CLIENT_PAYLOAD) {
        throw new EngineError(
          'too-large',
          `a docker client's message of ${length} bytes is over ${MAX_CLIENT_PAYLOAD}`,
        )
      }
      if (bytes.length - at - HEADER_BYTES < length) break
      const start = at + HEADER_BYTES
      messages.push({ type: bytes[at]!, payload: bytes.subarray(start, start + length) })
      at = start + length
    }
    this.#pending = bytes.subarray(at)
    return messages
  }
}

const isStrings = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((item) => typeof item === 'string')

/** @throws EngineError `invalid` saying which part is wrong */
export function parseHello({ type, payload }: CliMessage): CliHello {
  const refuse = (what: string): never => {
    throw new EngineError('invalid', `the docker client's hello is wrong: ${what}`)
  }
  if (type !== CLI_MESSAGE.hello) refuse(`the first message has type ${type}`)
  let value: unknown
  try {
    value = JSON.parse(new TextDecoder().decode(payload))
  } catch {
    refuse('not JSON')
  }
  if (!isRecord(value)) return refuse('not an object')
  const { argv, cwd, env, tty, columns, rows } = value
  if (!isStrings(argv)) return refuse('argv')
  if (typeof cwd !== 'string' || !cwd.startsWith('/')) return refuse('cwd')
  if (!isTextRecord(env)) return refuse('env')
  const { stdin, stdout, stderr } = isRecord(tty) ? tty : {}
  if (typeof stdin !== 'boolean' || typeof stdout !== 'boolean' || typeof stderr !== 'boolean')
    return refuse('tty')
  if (typeof columns !== 'number' || typeof rows !== 'number') return refuse('columns or rows')
  return { argv, cwd, env, tty: { stdin, stdout, stderr }, columns, rows }
}
