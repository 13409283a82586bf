/**
 * Repairs a machine that comes out of a snapshot, before anything else uses it: the time, fresh random numbers, a MAC
 * of its own. They go to `launcher repair`, which listens on port 2 (guest/native/launcher/repair.c is the other end),
 * so that a repair does not depend on the engine. A machine that boots cold is repaired too, because the guest's own
 * sources are worse.
 *
 * Record, little-endian: "PORTHOLE", u32 number, i64 milliseconds since 1970, 64 bytes of entropy, 6 bytes MAC, u32
 * CRC-32 of all that. Answer: one line, `repaired <number>` or `failed <number> <step> <errno>`. The launcher's end
 * says `ready` when it starts.
 */
import { crc32 } from '../../../guest/protocol/wire/crc32.ts'
import { EngineError } from '../../../guest/protocol/errors.ts'
import type { ChannelTransport } from '../../../guest/protocol/wire/link.ts'

export const REPAIR_RECORD_SIZE = 94

export interface RepairRecord {
  number: number
  /** Milliseconds since 1970. */
  time: number
  /** 64 bytes. */
  entropy: Uint8Array
  mac: Uint8Array
}

export function encodeRepair({ number, time, entropy, mac }: RepairRecord): Uint8Array {
  const bytes = new Uint8Array(REPAIR_RECORD_SIZE)
  const view = new DataView(bytes.buffer)
  bytes.set(new TextEncoder().encode('PORTHOLE'))
  view.setUint32(8, number, true)
  view.setBigInt64(12, BigInt(Math.round(time)), true)
  bytes.set(entropy, 20)
  bytes.set(mac, 84)
  view.setUint32(90, crc32(bytes.subarray(0, 90)), true)
  return bytes
}

export type RepairAnswer =
  | { answer: 'ready' }
  | { answer: 'repaired'; number: number }
  | { answer: 'failed'; number: number; step: string; errno: number }

/** Parses a line of the guest's end; null when it is no answer, such as the rest of a line from before a restore. */
export function parseRepairLine(line: string): RepairAnswer | null {
  if (line === 'ready') return { answer: 'ready' }
  const repaired = /^repaired (\d+)$/.exec(line)
  if (repaired) return { answer: 'repaired', number: Number(repaired[1]) }
  const failed = /^failed (\d+) (\S+) (\d+)$/.exec(line)
  if (failed)
    return { answer: 'failed', number: Number(failed[1]), step: failed[2]!, errno: Number(failed[3]) }
  return null
}

/** Speaks with the guest's end of the repairs; repairs the guest each time that end starts. */
export class Repairer {
  readonly #port: ChannelTransport
  readonly #decoder = new TextDecoder()
  #text = ''
  #number = 0
  readonly #done: Promise<void>
  #settle!: { resolve: () => void; reject: (error: EngineError) => void }

  constructor(port: ChannelTransport) {
    this.#port = port
    this.#done = new Promise((resolve, reject) => (this.#settle = { resolve, reject }))
    this.#done.catch(() => undefined)
    port.onData((chunk) => this.#receive(chunk))
  }

  /** Resolves once the guest has been repaired; rejects with the step that failed. */
  get done(): Promise<void> {
    return this.#done
  }

  /** Sends a repair that the guest has not asked for, as after a restore. */
  repair(): void {
    const entropy = crypto.getRandomValues(new Uint8Array(64))
    const mac = crypto.getRandomValues(new Uint8Array(6))
    // Makes the address a locally administered, unicast one.
    mac[0] = (mac[0]! & 0xfe) | 0x02
    this.#number = crypto.getRandomValues(new Uint32Array(1))[0]!
    this.#port.send(encodeRepair({ number: this.#number, time: Date.now(), entropy, mac }))
  }

  #receive(chunk: Uint8Array): void {
    this.#text += this.#decoder.decode(chunk, { stream: true })
    const lines = this.#text.split(/\r?\n/)
    this.#text = lines.pop()!
    for (const line of lines) this.#onLine(line)
  }

  #onLine(line: string): void {
    const answer = parseRepairLine(line)
    if (answer?.answer === 'ready') return this.repair()
    if (answer?.number !== this.#number) return
    if (answer.answer === 'repaired') return this.#settle.resolve()
    const { step, errno } = answer
    this.#settle.reject(
      new EngineError('internal', `the guest could not be repaired: ${step} failed with errno ${errno}`, {
        step,
        errno,
      }),
    )
  }
}
