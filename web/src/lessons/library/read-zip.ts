/**
 * Reads a zip: https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT, of which stored and deflated files, without
 * encryption and without Zip64, are all that a lesson needs. The directory at the end says what is there; each file is
 * unpacked when it is read, and never beyond the size that the directory claims.
 */
import { EngineError } from '../../../../guest/protocol/errors.ts'
import type { FileEntry } from '../import/lesson-files.ts'
import { IMPORT_LIMITS } from '../import/limits.ts'

const END = 0x06054b50
const END_BYTES = 22
const MAX_COMMENT = 0xffff
const ENTRY = 0x02014b50
const ENTRY_BYTES = 46
const LOCAL = 0x04034b50
const LOCAL_BYTES = 30
const ENCRYPTED = 1
const STORED = 0
const DEFLATED = 8
/** The upper half of the external attributes of a zip from Unix, and its kind of file. */
const UNIX_KIND = 0o170000
const UNIX_LINK = 0o120000

/**
 * The files of a zip, in its order; folders and symbolic links are left out.
 * @throws EngineError `corrupt` for what is no zip, `too-large`, `not-supported` for an encrypted one
 */
export function* readZip(bytes: Uint8Array): Generator<FileEntry> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const end = endOf(view)
  const count = view.getUint16(end + 10, true)
  if (count > IMPORT_LIMITS.entries)
    throw new EngineError('too-large', `the zip has more than ${IMPORT_LIMITS.entries} files`)
  let at = view.getUint32(end + 16, true)
  for (let entry = 0; entry < count; entry++) {
    if (at + ENTRY_BYTES > end || view.getUint32(at, true) !== ENTRY)
      throw damaged('its directory is cut off')
    const nameBytes = view.getUint16(at + 28, true)
    const path = new TextDecoder().decode(bytes.subarray(at + ENTRY_BYTES, at + ENTRY_BYTES + nameBytes))
    const kind = (view.getUint32(at + 38, true) >>> 16) & UNIX_KIND
    if (!path.endsWith('/') && kind !== UNIX_LINK) yield fileAt(bytes, view, at, path)
    at += ENTRY_BYTES + nameBytes + view.getUint16(at + 30, true) + view.getUint16(at + 32, true)
  }
}

function endOf(view: DataView): number {
  const first = Math.max(0, view.byteLength - END_BYTES - MAX_COMMENT)
  for (let at = view.byteLength - END_BYTES; at >= first; at--)
    if (view.getUint32(at, true) === END) return at
  throw damaged('it has no directory at its end')
}

function fileAt(bytes: Uint8Array, view: DataView, at: number, path: string): FileEntry {
  const flags = view.getUint16(at + 8, true)
  const method = view.getUint16(at + 10, true)
  const packed = view.getUint32(at + 20, true)
  const size = view.getUint32(at + 24, true)
  const local = view.getUint32(at + 42, true)
  const shown = path.slice(0, 80)
  return {
    path,
    size,
    read: async () => {
      if ((flags & ENCRYPTED) !== 0)
        throw new EngineError('not-supported', `“${shown}” is encrypted; a lesson's zip has no password`)
      if (local + LOCAL_BYTES > bytes.length || view.getUint32(local, true) !== LOCAL)
        throw damaged(`“${shown}” is not where its directory says`)
      const begin = local + LOCAL_BYTES + view.getUint16(local + 26, true) + view.getUint16(local + 28, true)
      const content = bytes.subarray(begin, begin + packed)
      if (content.length !== packed) throw damaged(`“${shown}” is cut off`)
      if (size > IMPORT_LIMITS.ratioFrom && size > packed * IMPORT_LIMITS.ratio)
        throw new EngineError(
          'too-large',
          `“${shown}” unpacks to more than ${IMPORT_LIMITS.ratio} times its size`,
        )
      if (method === STORED && packed === size) return content.slice()
      if (method !== DEFLATED) throw damaged(`“${shown}” is packed in a way that is not known`)
      return inflate(content, size, shown)
    },
  }
}

async function inflate(content: Uint8Array, size: number, name: string): Promise<Uint8Array> {
  const target = new Uint8Array(size)
  let length = 0
  const source = new Blob([content as Uint8Array<ArrayBuffer>]).stream()
  const reader = source.pipeThrough(new DecompressionStream('deflate-raw')).getReader()
  try {
    for (;;) {
      const { value, done } = await reader.read()
      if (done) break
      if (length + value.length > size) throw damaged(`“${name}” unpacks to more than ${size} bytes`)
      target.set(value, length)
      length += value.length
    }
  } catch (error) {
    throw error instanceof EngineError ? error : damaged(`“${name}” cannot be unpacked`, error)
  } finally {
    // A reader whose stream has failed has nothing left to be told.
    await reader.cancel().catch(() => undefined)
  }
  if (length !== size) throw damaged(`“${name}” unpacks to ${length} bytes, not ${size}`)
  return target
}

const damaged = (why: string, cause?: unknown): EngineError =>
  new EngineError('corrupt', `this zip cannot be read: ${why}`, {}, cause)
