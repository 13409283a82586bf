/**
 * Shows how much of the context was sent, in the words and at the pace of Docker's client (pkg/progress,
 * pkg/streamformatter).
 */
import { lineInPlace, type TerminalSize } from '../../shared/format/redrawn-lines.ts'
import { humanSize } from '../../shared/format/sizes.ts'
import type { CliOutput } from '../../shared/session.ts'

/** Bytes between two updates on a terminal. */
const EVERY = 512 * 1024

const line = (bytes: number) => `Sending build context to Docker daemon ${humanSize(bytes).padStart(8)}`

/** Passes the archive on and shows progress on a terminal; other outputs get only the last line. */
export async function* uploadProgress(
  archive: AsyncIterable<Uint8Array>,
  output: CliOutput,
  size: () => TerminalSize,
): AsyncGenerator<Uint8Array> {
  let sent = 0
  let told = 0
  for await (const chunk of archive) {
    sent += chunk.length
    if (output.isTerminal && sent - told > EVERY) {
      told = sent
      await output.write(lineInPlace(line(sent), size()))
    }
    yield chunk
  }
  await output.write(`${line(sent)}\r\r\n`)
}
