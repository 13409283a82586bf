/** Archives between the engine and the caller's files, stdin and stdout. */
import { isPiped, type PipedBytes } from '../../../protocol/api/piped-bytes.ts'
import { resolvePath, type CliContext } from './context.ts'
import type { CliInput, CliSession } from './session.ts'
import { letGo } from '../../../vocabulary/engine-client/body.ts'

/**
 * Writes the tar archive of `export` and `save` to a file or to stdout.
 * @param output a path of the caller; empty for stdout */
export async function writeArchive(
  context: CliContext,
  output: string,
  body: AsyncIterable<Uint8Array>,
): Promise<void> {
  try {
    if (output !== '') await context.files.writeStream(resolvePath(context, output), body)
    else await writeStdout(context.session, body)
  } finally {
    await letGo(body)
  }
}

export async function writeStdout(
  { stdout }: Pick<CliSession, 'stdout'>,
  body: AsyncIterable<Uint8Array>,
): Promise<void> {
  if (isPiped(body) && stdout.pipe !== undefined) return stdout.pipe((path) => body.pipeTo(path))
  for await (const chunk of body) await stdout.write(chunk)
}

/** Reads the archive of `load` and `import` from a file or the caller's stdin. */
export function readArchive(context: CliContext, input: string): AsyncIterable<Uint8Array> {
  return input === '' || input === '-'
    ? stdinBytes(context.session.stdin)
    : context.files.readStream(resolvePath(context, input))
}

export type StdinBytes = AsyncIterable<Uint8Array> & Pick<CliInput, 'peek'>

/** The caller's stdin to its end; it can be piped where the client can. */
export function stdinBytes(stdin: CliInput): StdinBytes {
  const bytes: StdinBytes = {
    [Symbol.asyncIterator]: () => readStdin(stdin),
    peek: (length) => stdin.peek(length),
  }
  const { pipeTo } = stdin
  if (pipeTo === undefined) return bytes
  const piped: StdinBytes & PipedBytes = { ...bytes, pipeTo: (path) => pipeTo(path) }
  return piped
}

async function* readStdin(stdin: CliInput): AsyncGenerator<Uint8Array> {
  for (let chunk = await stdin.read(); chunk !== null; chunk = await stdin.read()) yield chunk
  stdin.stop()
}
