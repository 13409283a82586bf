/** Signal names and numbers of Linux on x86: signal(7). */
import { EngineError } from '../../protocol/errors.ts'

const NAMES =
  'HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT CHLD CONT STOP TSTP TTIN TTOU URG XCPU XFSZ VTALRM PROF WINCH IO PWR SYS'

/** Real-time signals as glibc offers them to programs. */
const REAL_TIME = { least: 34, most: 64 }

const NUMBERS = new Map(NAMES.split(' ').map((name, index) => [name, index + 1]))
NUMBERS.set('IOT', 6).set('CLD', 17).set('POLL', 29)

export const SIGKILL = 9
export const SIGTERM = 15

function realTime(name: string): number | undefined {
  const match = /^RT(MIN|MAX)(?:([+-])(\d+))?$/.exec(name)
  if (!match) return undefined
  const base = match[1] === 'MIN' ? REAL_TIME.least : REAL_TIME.most
  const number = base + Number(`${match[2] ?? ''}${match[3] ?? 0}`)
  return number >= REAL_TIME.least && number <= REAL_TIME.most ? number : undefined
}

/** Reads `KILL`, `SIGKILL`, `9` or `RTMIN+3` as a number. Throws `invalid` in Docker's words. */
export function parseSignal(text: string): number {
  const name = text.toUpperCase().replace(/^SIG/, '')
  const number = /^\d+$/.test(text) ? Number(text) : (NUMBERS.get(name) ?? realTime(name))
  if (number === undefined || number < 1 || number > REAL_TIME.most) {
    throw new EngineError('invalid', `invalid signal: ${text}`, { signal: text })
  }
  return number
}
