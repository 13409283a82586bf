import type { GuestConsole } from '../../../web/src/vm/guest-console.ts'
import { EngineError } from '../../../guest/protocol/errors.ts'

/**
 * Runs a command in the rescue shell on the guest's console; resolves with what it printed (both outputs, as a terminal
 * shows them) and its exit status. Only for examining a guest whose engine does not answer.
 */
export async function runOnConsole(
  console: GuestConsole,
  command: string,
): Promise<{ output: string; code: number }> {
  const mark = `console-${process.pid}-${Date.now()}`
  // The quotes in the marks keep the echo of the typed line from matching them.
  const line = `echo '${mark}'-begin; { ${command}\n}; echo '${mark}'-end $?\n`
  const finished = waitFor(console, mark)
  const bytes = Buffer.from(line)
  if (console.type(bytes) < bytes.length) {
    throw new EngineError('unavailable', 'the guest’s console does not take input: nobody reads it')
  }
  return finished
}

function waitFor(console: GuestConsole, mark: string): Promise<{ output: string; code: number }> {
  const pattern = new RegExp(`${mark}-begin\\r?\\n([^]*?)${mark}-end (\\d+)\\r?\\n`)
  let seen = ''
  return new Promise((resolve) => {
    const stop = console.listen((bytes) => {
      seen += Buffer.from(bytes).toString()
      const match = pattern.exec(seen)
      if (!match) return
      stop()
      resolve({ output: match[1]!.replaceAll('\r\n', '\n'), code: Number(match[2]) })
    })
  })
}
