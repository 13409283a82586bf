/**
 * A saved machine as bytes, on the page's shelf and in a file that somebody keeps. Numbers are little-endian:
 *
 *     16 bytes  PORTHOLE-SESSION
 *     u32       format, 1
 *     u32       bytes of the header
 *     header    JSON, SessionHeader
 *     u32 …     numbers of the pages with content, then of those that are zero
 *     …         devices, gzipped; content of the pages, gzipped
 *     32 bytes  SHA-256 of all that comes before
 *
 * A file may come from anybody: nothing is read or allocated before its size is known to be possible, and nothing is
 * used before the digest holds. The digest tells damage; it does not tell who made the file.
 */
import { EngineError } from '../../../guest/protocol/errors.ts'
import { isRecord } from '../../../guest/protocol/wire/is-record.ts'
import { parseJsonObject } from '../../../guest/vocabulary/json.ts'
import type { NineState } from '../nine/nine-server.ts'
import { createHash, digestHex } from '../storage/digest.ts'
import { PAGE_SIZE } from '../vm/memory-delta.ts'
import type { Packed, SavedMachine } from '../vm/saved-machine.ts'
import { isNineState } from '../vm/snapshot.ts'
import type { ShelfVersions } from '../volumes/volume-shelf.ts'

const MAGIC = 'PORTHOLE-SESSION'
const FORMAT = 1
const PREFIX = MAGIC.length + 8
const DIGEST = 32
const MIB = 2 ** 20
/** Bytes: a guest that has all of its files open has some hundred thousand entries in its 9P server. */
const MAX_HEADER = 32 * MIB
/** Bytes of registers and devices; they are some 2 MiB. */
const MAX_DEVICES = 32 * MIB
/** MiB: web/src/vm/guest.ts has no larger machines. */
const MAX_MEMORY = 512

/** Sizes in bytes, before and after compression. */
interface PackedSize {
  size: number
  packed: number
}

interface SessionHeader extends Pick<
  SavedMachine,
  'buildId' | 'memory' | 'savedAt' | 'nine' | 'volumes' | 'sha256'
> {
  devices: PackedSize
  content: PackedSize
  /** How many there are. */
  pages: number
  zeroed: number
}

/** What a machine must be of to go on here. */
export interface SessionBase {
  buildId: string
  /** MiB. */
  memory: number
}

export async function encodeSession(saved: SavedMachine): Promise<Uint8Array[]> {
  const { buildId, memory, savedAt, nine, volumes, sha256, devices, content, pages, zeroed } = saved
  const header: SessionHeader = {
    ...{ buildId, memory, savedAt, nine, volumes, sha256 },
    ...{ devices: sizesOf(devices), content: sizesOf(content), pages: pages.length, zeroed: zeroed.length },
  }
  const text = new TextEncoder().encode(JSON.stringify(header))
  const prefix = new Uint8Array(PREFIX)
  prefix.set(new TextEncoder().encode(MAGIC))
  const view = new DataView(prefix.buffer)
  view.setUint32(MAGIC.length, FORMAT, true)
  view.setUint32(MAGIC.length + 4, text.length, true)
  const parts = [prefix, text, bytesOf(pages), bytesOf(zeroed), devices.bytes, content.bytes]
  return [...parts, await digestOf(parts)]
}

/**
 * Rejects with EngineError `corrupt` when this is no saved machine or not a whole one, and with `not-supported`, with
 * `details.reason` `other-build` or `other-memory`, when it cannot go on from this base.
 */
export async function decodeSession(source: Blob, base: SessionBase): Promise<SavedMachine> {
  const { header, length } = await readHeader(source)
  checkBase(header, base)
  const { devices, content, pages, zeroed } = header
  const sizes = [pages * 4, zeroed * 4, devices.packed, content.packed]
  const end = PREFIX + length + sizes.reduce((sum, size) => sum + size, 0)
  if (source.size !== end + DIGEST)
    throw damaged(`it has ${source.size} bytes, and its header speaks of ${end + DIGEST}`)
  const whole = await bytesFrom(source, 0, source.size)
  const sum = await digestOf([whole.subarray(0, end)])
  if (!sum.every((byte, at) => byte === whole[end + at])) throw damaged('its digest is another one')
  let at = PREFIX + length
  const [pageBytes, zeroedBytes, deviceBytes, contentBytes] = sizes.map((size) => {
    at += size
    return whole.subarray(at - size, at)
  })
  const { buildId, memory, savedAt, nine, volumes, sha256 } = header
  return {
    ...{ format: 1, buildId, memory, savedAt, nine, volumes, sha256 },
    pages: numbersOf(pageBytes!),
    zeroed: numbersOf(zeroedBytes!),
    devices: { size: devices.size, bytes: deviceBytes! },
    content: { size: content.size, bytes: contentBytes! },
  }
}

function checkBase({ buildId, memory }: SessionHeader, base: SessionBase): void {
  const refuse = (reason: string, message: string): never => {
    throw new EngineError('not-supported', message, { reason })
  }
  if (buildId !== base.buildId)
    refuse(
      'other-build',
      `the saved machine is of build ${buildId.slice(0, 12)} of Porthole, and this page is of build ${base.buildId.slice(0, 12)}`,
    )
  if (memory !== base.memory)
    refuse('other-memory', `the saved machine has ${memory} MiB, and this one ${base.memory} MiB`)
}

async function readHeader(source: Blob): Promise<{ header: SessionHeader; length: number }> {
  if (source.size < PREFIX + DIGEST) throw damaged('it is too short')
  const prefix = await bytesFrom(source, 0, PREFIX)
  const view = new DataView(prefix.buffer)
  if (new TextDecoder('latin1').decode(prefix.subarray(0, MAGIC.length)) !== MAGIC)
    throw new EngineError('corrupt', 'this is not a saved machine of Porthole')
  const format = view.getUint32(MAGIC.length, true)
  if (format !== FORMAT) throw damaged(`its format is ${format}, and this page knows ${FORMAT}`)
  const length = view.getUint32(MAGIC.length + 4, true)
  if (length > MAX_HEADER || PREFIX + length + DIGEST > source.size) throw damaged('its header is cut off')
  const text = new TextDecoder().decode(await bytesFrom(source, PREFIX, PREFIX + length))
  return { header: parseHeader(parseJsonObject(text, 'the header of a saved machine')), length }
}

function parseHeader(header: Record<string, unknown>): SessionHeader {
  const { buildId, memory, savedAt, nine, volumes, sha256, devices, content, pages, zeroed } = header
  if (
    typeof buildId !== 'string' ||
    !isCount(memory, MAX_MEMORY) ||
    !isCount(savedAt, Number.MAX_SAFE_INTEGER) ||
    !isWholeNineState(nine) ||
    !isVersions(volumes) ||
    !(typeof sha256 === 'string' && /^[0-9a-f]{64}$/.test(sha256)) ||
    !isPackedSize(devices, MAX_DEVICES) ||
    !isCount(pages, (memory * MIB) / PAGE_SIZE) ||
    !isCount(zeroed, (memory * MIB) / PAGE_SIZE) ||
    !(isPackedSize(content, memory * MIB) && content.size === pages * PAGE_SIZE)
  )
    throw damaged('its header makes no sense')
  return { buildId, memory, savedAt, nine, volumes, sha256, devices, content, pages, zeroed }
}

const isCount = (value: unknown, most: number): value is number =>
  Number.isInteger(value) && (value as number) >= 0 && (value as number) <= most

/** Gzip makes nothing larger by more than a few bytes in each block. */
const isPackedSize = (value: unknown, most: number): value is PackedSize =>
  isRecord(value) && isCount(value.size, most) && isCount(value.packed, value.size + value.size / 64 + 1024)

const isWholeNineState = (value: unknown): value is NineState =>
  isNineState(value) &&
  isCount(value.msize, MIB) &&
  value.inodes.every(
    (range: unknown) =>
      Array.isArray(range) &&
      typeof range[0] === 'string' &&
      isCount(range[1], 2 ** 32) &&
      isCount(range[2], 2 ** 32),
  )

const isVersions = (value: unknown): value is ShelfVersions =>
  isRecord(value) &&
  Object.values(value).every(
    (saves) => Array.isArray(saves) && saves.every((save) => typeof save === 'string'),
  )

const damaged = (why: string): EngineError =>
  new EngineError('corrupt', `the saved machine is damaged: ${why}`)

const sizesOf = ({ size, bytes }: Packed): PackedSize => ({ size, packed: bytes.length })

const bytesOf = ({ buffer, byteOffset, byteLength }: Uint32Array): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength)

/** A copy, since numbers may stand at no other place than a multiple of their size. */
const numbersOf = (bytes: Uint8Array): Uint32Array => new Uint32Array(bytes.slice().buffer)

const bytesFrom = async (source: Blob, start: number, end: number): Promise<Uint8Array> =>
  new Uint8Array(await source.slice(start, end).arrayBuffer())

async function digestOf(parts: readonly Uint8Array[]): Promise<Uint8Array> {
  const hash = await createHash()
  for (const part of parts) hash.update(part)
  const hex = digestHex(hash.digest())
  return Uint8Array.from({ length: DIGEST }, (_, at) => parseInt(hex.slice(at * 2, at * 2 + 2), 16))
}
