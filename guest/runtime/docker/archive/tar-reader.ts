/**
 * Members of a tar archive as they stream in: for archives of images, whose members are few and large. Trees of files are the
 * launcher's business. Format: POSIX pax interchange format, and GNU's long names.
 */
import { EngineError } from '../../../protocol/errors.ts'

export interface TarMember {
  /** Clean and relative: neither `..` nor a leading slash. */
  name: string
  kind: 'file' | 'directory' | 'link' | 'other'
  size: number
  /** Of a link: as written. */
  link: string
  /** Once, before the next member; what is left unread is skipped. */
  content(): AsyncIterable<Uint8Array>
}

const BLOCK = 512
/** A pax header or a long name. */
const HEADER_LIMIT = 1 << 20
const latin = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1')
const damaged = (reason: string): EngineError => new EngineError('invalid', `archive/tar: ${reason}`)
/** Go's io.ErrUnexpectedEOF, which its tar reader passes on as it is. */
const cutOff = (): EngineError => new EngineError('invalid', 'unexpected EOF')

/** Bytes by count, from chunks of any size. */
class ByteQueue {
  readonly #source: AsyncIterator<Uint8Array>
  #chunk: Uint8Array = new Uint8Array()

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#source = source[Symbol.asyncIterator]()
  }

  /** The next bytes, at most `limit`; null at the end. */
  async some(limit: number): Promise<Uint8Array | null> {
    while (this.#chunk.length === 0) {
      const next = await this.#source.next()
      if (next.done) return null
      this.#chunk = next.value
    }
    const part = this.#chunk.subarray(0, limit)
    this.#chunk = this.#chunk.subarray(part.length)
    return part
  }

  /** Exactly so many; null when nothing at all is left. */
  async exactly(size: number): Promise<Uint8Array | null> {
    const parts: Uint8Array[] = []
    for (let missing = size; missing > 0;) {
      const part = await this.some(missing)
      if (part === null && missing === size) return null
      if (part === null) throw cutOff()
      parts.push(part)
      missing -= part.length
    }
    return parts.length === 1 ? parts[0]! : Buffer.concat(parts)
  }

  async close(): Promise<void> {
    await this.#source.return?.()
  }
}

function text(block: Uint8Array, at: number, length: number): string {
  const field = block.subarray(at, at + length)
  const end = field.indexOf(0)
  return Buffer.from(end < 0 ? field : field.subarray(0, end)).toString('utf8')
}

function size(block: Uint8Array): number {
  const field = block.subarray(124, 136)
  if (field[0]! & 0x80) return field.subarray(1).reduce((sum, byte) => sum * 256 + byte, 0)
  const digits = latin(field)
    .replace(/[\0 ]+$/, '')
    .trim()
  if (!/^[0-7]*$/.test(digits)) throw damaged('invalid tar header')
  return digits === '' ? 0 : parseInt(digits, 8)
}

function checkSum(block: Uint8Array): void {
  let sum = 8 * 32
  for (let index = 0; index < BLOCK; index++) if (index < 148 || index >= 156) sum += block[index]!
  if (parseInt(latin(block.subarray(148, 156)).trim(), 8) !== sum) throw damaged('invalid tar header')
}

/** `length key=value\n`, the length counting itself. */
function paxRecords(data: Uint8Array): Map<string, string> {
  const records = new Map<string, string>()
  for (let at = 0; at < data.length;) {
    const space = data.indexOf(32, at)
    const length = Number(latin(data.subarray(at, space)))
    if (space < 0 || !(length > space - at) || at + length > data.length) throw damaged('invalid tar header')
    const record = Buffer.from(data.subarray(space + 1, at + length - 1)).toString('utf8')
    const equals = record.indexOf('=')
    records.set(record.slice(0, equals), record.slice(equals + 1))
    at += length
  }
  return records
}

/** @throws EngineError `invalid` for a name that leads out of the archive */
function cleanName(name: string): string {
  const parts: string[] = []
  for (const part of name.split('/')) {
    if (part === '..' && parts.pop() === undefined)
      throw new EngineError('invalid', `invalid path in the archive: ${JSON.stringify(name)}`, { name })
    if (part !== '' && part !== '.' && part !== '..') parts.push(part)
  }
  return parts.join('/')
}

const KINDS: Record<string, TarMember['kind']> = {
  '\0': 'file',
  '0': 'file',
  '7': 'file',
  '1': 'link',
  '2': 'link',
  '5': 'directory',
}

interface Extension {
  name?: string
  link?: string
  size?: number
}

async function extend(extension: Extension, type: string, queue: ByteQueue, length: number): Promise<void> {
  if (length > HEADER_LIMIT) throw damaged('header field too long')
  const data = (await queue.exactly(Math.ceil(length / BLOCK) * BLOCK)) ?? new Uint8Array()
  const content = data.subarray(0, length)
  if (type === 'L') extension.name = text(content, 0, length)
  if (type === 'K') extension.link = text(content, 0, length)
  if (type !== 'x') return
  const records = paxRecords(content)
  const [path, link, bytes] = [records.get('path'), records.get('linkpath'), records.get('size')]
  if (path !== undefined) extension.name = path
  if (link !== undefined) extension.link = link
  if (bytes !== undefined) extension.size = Number(bytes)
}

function memberOf(block: Uint8Array, extension: Extension): Omit<TarMember, 'content'> {
  const prefix = latin(block.subarray(257, 263)) === 'ustar\0' ? text(block, 345, 155) : ''
  const plain = text(block, 0, 100)
  return {
    name: cleanName(extension.name ?? (prefix === '' ? plain : `${prefix}/${plain}`)),
    kind: KINDS[String.fromCharCode(block[156]!)] ?? 'other',
    size: extension.size ?? size(block),
    link: extension.link ?? text(block, 157, 100),
  }
}

/** @throws EngineError `invalid` for what is no tar archive or a damaged one */
export async function* tarMembers(archive: AsyncIterable<Uint8Array>): AsyncGenerator<TarMember> {
  const queue = new ByteQueue(archive)
  let extension: Extension = {}
  try {
    for (let block = await queue.exactly(BLOCK); block !== null; block = await queue.exactly(BLOCK)) {
      if (block.every((byte) => byte === 0)) break
      checkSum(block)
      const type = String.fromCharCode(block[156]!)
      if ('xgLK'.includes(type)) {
        await extend(extension, type, queue, size(block))
        continue
      }
      const member = memberOf(block, extension)
      extension = {}
      const stored = ['file', 'other'].includes(member.kind) ? member.size : 0
      let left = stored
      const content = async function* (): AsyncGenerator<Uint8Array> {
        while (left > 0) {
          const part = await queue.some(left)
          if (part === null) throw cutOff()
          left -= part.length
          yield part
        }
      }
      yield { ...member, content }
      for await (const _ of content());
      await queue.exactly(-stored & (BLOCK - 1))
    }
    // Whoever sends the archive sends all of it.
    while ((await queue.some(1 << 20)) !== null);
  } finally {
    await queue.close()
  }
}
