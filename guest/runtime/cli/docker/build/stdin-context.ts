/** Reads the stdin of `docker build -`: an archive, or a Dockerfile. */
import { compressionOf } from '../../../../vocabulary/compression.ts'
import { isTarHeader } from '../../../../vocabulary/tar/header.ts'
import type { CliContext } from '../../shared/context.ts'
import { stdinBytes } from '../../shared/write-archive.ts'

const HEADER = 512

export async function readAll(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  for await (const chunk of chunks) parts.push(chunk)
  return Buffer.concat(parts)
}

export async function archiveOrDockerfile({
  session,
}: CliContext): Promise<{ archive?: AsyncIterable<Uint8Array>; dockerfile: Uint8Array }> {
  const stdin = stdinBytes(session.stdin)
  const head = await stdin.peek(HEADER)
  const isArchive = compressionOf(head) !== 'none' || isTarHeader(head)
  if (isArchive) return { archive: stdin, dockerfile: new Uint8Array() }
  return { dockerfile: await readAll(stdin) }
}
