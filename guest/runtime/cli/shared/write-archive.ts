/** Writes the tar archive of `export` and `save` to a file or to stdout. */
import { resolvePath, type CliContext } from './context.ts'
import { letGo } from '../../../vocabulary/engine-client/body.ts'

/** @param output a path of the caller; empty for stdout */
export async function writeArchive(
  context: CliContext,
  output: string,
  body: AsyncIterable<Uint8Array>,
): Promise<void> {
  try {
    if (output !== '') await context.files.writeStream(resolvePath(context, output), body)
    else for await (const chunk of body) await context.session.stdout.write(chunk)
  } finally {
    await letGo(body)
  }
}

/** Reads the archive of `load` and `import` from a file or the caller's stdin. */
export function readArchive(context: CliContext, input: string): AsyncIterable<Uint8Array> {
  return input === '' || input === '-'
    ? readStdin(context)
    : context.files.readStream(resolvePath(context, input))
}

async function* readStdin({ session }: CliContext): AsyncGenerator<Uint8Array> {
  for (let chunk = await session.stdin.read(); chunk !== null; chunk = await session.stdin.read()) yield chunk
  session.stdin.stop()
}
