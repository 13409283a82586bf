import type { GuestConsole } from '../../../web/src/vm/guest-console.ts'
import { EngineError } from '../../../guest/protocol/errors.ts'

/**
 * Runs a command in the rescue shell on the guest's console and gives back what it printed (both outputs, as a terminal
 * shows them) with its exit status. For looking into a guest whose engine does not answer: nothing else uses it.
 */
export async function runOnConsole(
  console: GuestConsole,
  command: string,
): Promise<{ output: string; code: number }> {
  const mark = `console-${process.pid}-${Date.now()}`
  // The marks are written so that the echo of the typed line does not contain them.
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
