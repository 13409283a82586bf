/** A tar archive of few members, written as a stream: POSIX ustar. Names of at most 100 bytes. */
import { EngineError } from '../../../protocol/errors.ts'

const BLOCK = 512
/** What eleven octal digits hold. */
const SIZE_LIMIT = 8 ** 11

export interface WrittenMember {
  name: string
  /** A directory when absent. */
  content?: { size: number; bytes: AsyncIterable<Uint8Array> | Iterable<Uint8Array> }
}

const octal = (value: number, width: number): string => `${value.toString(8).padStart(width - 1, '0')}\0`

function header(name: string, size: number, directory: boolean): Uint8Array {
  const block = Buffer.alloc(BLOCK)
  if (Buffer.byteLength(name) > 100 || size >= SIZE_LIMIT)
    throw new EngineError('too-large', `${name} with ${size} bytes does not fit a tar header`, { name, size })
  block.write(name, 0)
  block.write(octal(directory ? 0o755 : 0o644, 8) + octal(0, 8) + octal(0, 8), 100)
  block.write(octal(size, 12) + octal(0, 12), 124)
  block.write(directory ? '5' : '0', 156)
  block.write('ustar\x0000', 257)
  block.fill(' ', 148, 156)
  const sum = block.reduce((total, byte) => total + byte, 0)
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  return block
}

/** @throws EngineError `corrupt` when a content has another length than it said */
export async function* writeTar(members: AsyncIterable<WrittenMember>): AsyncGenerator<Uint8Array> {
  for await (const { name, content } of members) {
    yield header(name, content?.size ?? 0, content === undefined)
    if (content === undefined) continue
    let written = 0
    for await (const bytes of content.bytes) {
      written += bytes.length
      yield bytes
    }
    if (written !== content.size)
      throw new EngineError('corrupt', `${name} has ${written} bytes; it should have ${content.size}`)
    const padding = -written & (BLOCK - 1)
    if (padding > 0) yield new Uint8Array(padding)
  }
  yield new Uint8Array(2 * BLOCK)
}
