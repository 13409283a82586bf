import { EngineError } from '../../guest/protocol/errors.ts'

/** How the list of applets begins in the program: sorted names, each ended by a zero byte, `[` and `[[` first. */
const FIRST_APPLETS = '[\0[[\0a'

/** Names of the applets built into a busybox program, read from the program itself: it need not run here. */
export function busyboxApplets(program: Buffer): string[] {
  const start = program.indexOf(FIRST_APPLETS)
  if (start < 0) throw new EngineError('corrupt', 'this busybox holds no list of applets')
  const names: string[] = []
  for (let at = start; ;) {
    const end = program.indexOf(0, at)
    const name = program.toString('latin1', at, end)
    if (!/^[[a-z0-9][[\w.-]*$/.test(name) || (names.length > 0 && name <= names.at(-1)!)) break
    names.push(name)
    at = end + 1
  }
  return names
}
