/** Reads the stdin of `docker build -`: an archive, or a Dockerfile. */
import { compressionOf } from '../../../../vocabulary/compression.ts'
import { isTarHeader } from '../../../../vocabulary/tar/header.ts'
import type { CliContext } from '../../shared/context.ts'
import type { CliInput } from '../../shared/session.ts'

const HEADER = 512

export async function* stdinChunks(stdin: CliInput): AsyncGenerator<Uint8Array> {
  for (let chunk = await stdin.read(); chunk !== null; chunk = await stdin.read()) yield chunk
  stdin.stop()
}

export async function readAll(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  for await (const chunk of chunks) parts.push(chunk)
  return Buffer.concat(parts)
}

async function* from(head: Uint8Array, rest: AsyncGenerator<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield head
  yield* rest
}

export async function archiveOrDockerfile({
  session,
}: CliContext): Promise<{ archive?: AsyncIterable<Uint8Array>; dockerfile: Uint8Array }> {
  const chunks = stdinChunks(session.stdin)
  let head: Uint8Array = new Uint8Array()
  while (head.length < HEADER) {
    const next = await chunks.next()
    if (next.done) break
    head = Buffer.concat([head, next.value])
  }
  const isArchive = compressionOf(head) !== 'none' || isTarHeader(head)
  if (isArchive) return { archive: from(head, chunks), dockerfile: new Uint8Array() }
  return { dockerfile: await readAll(from(head, chunks)) }
}
