/**
 * `docker system dial-stdio`: `docker -H ssh://…` runs it at the far end (docker/cli cli/command/system/dial_stdio.go).
 * When the input ends, the engine is told and the rest of its output copied; when the output ends, the command ends.
 */
import type { ByteStream } from '../../../../protocol/wire/byte-stream.ts'
import { CliError } from '../../shared/cli-error.ts'
import type { CliContext } from '../../shared/context.ts'
import { messageOf } from '../../shared/for-each.ts'
import type { CliSession } from '../../shared/session.ts'

export async function dialStdio({ dial, session }: CliContext): Promise<number> {
  const connection = await dial().catch((error: unknown) => {
    throw new CliError(`failed to open the raw stream connection: ${messageOf(error)}`)
  })
  const leave = (): void => connection.reset('the docker client is gone')
  session.ended.addEventListener('abort', leave, { once: true })
  try {
    // The caller may have gone while the connection was made.
    session.ended.throwIfAborted()
    const output = named('stream to stdout', copyOutput(connection, session))
    const input = named('stdin to stream', copyInput(session, connection))
    await Promise.race([output, input.then(() => output)])
    return 0
  } finally {
    session.ended.removeEventListener('abort', leave)
    // The input may never end, as a terminal's: the client takes it back.
    session.stdin.stop()
    leave()
  }
}

async function copyInput({ stdin }: CliSession, connection: ByteStream): Promise<void> {
  for (let chunk = await stdin.read(); chunk !== null; chunk = await stdin.read())
    await connection.write(chunk)
  await connection.end()
}

async function copyOutput(connection: ByteStream, { stdout }: CliSession): Promise<void> {
  for (let chunk = await connection.read(); chunk !== null; chunk = await connection.read())
    await stdout.write(chunk)
}

function named(what: string, copying: Promise<void>): Promise<void> {
  return copying.catch((error: unknown) => {
    throw new CliError(`error while Copy (${what}): ${messageOf(error)}`)
  })
}
