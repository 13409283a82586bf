/**
 * Shows how much of the context was sent, in the words and at the pace of Docker's client (pkg/progress,
 * pkg/streamformatter).
 */
import { watchBytes } from '../../../../protocol/api/piped-bytes.ts'
import { lineInPlace, type TerminalSize } from '../../shared/format/redrawn-lines.ts'
import { humanSize } from '../../shared/format/sizes.ts'
import type { CliOutput } from '../../shared/session.ts'

/** Bytes between two updates on a terminal. */
const EVERY = 512 * 1024

const line = (bytes: number) => `Sending build context to Docker daemon ${humanSize(bytes).padStart(8)}`

/** Passes the archive on and shows progress on a terminal; other outputs get only the last line. */
export function uploadProgress(
  archive: AsyncIterable<Uint8Array>,
  output: CliOutput,
  size: () => TerminalSize,
): AsyncIterable<Uint8Array> {
  let told = 0
  return watchBytes(archive, {
    passed: async (sent) => {
      if (!output.isTerminal || sent - told <= EVERY) return
      told = sent
      await output.write(lineInPlace(line(sent), size()))
    },
    whole: (sent) => output.write(`${line(sent)}\r\r\n`),
  })
}
