/**
 * Several questions to the guest in one process: shell scripts, each with what it printed and its exit status. What they
 * print is anything at all, so that it comes as base64, a line for each.
 */
import { EngineError } from '../../../../guest/protocol/errors.ts'
import type { LessonGuest } from './lesson-guest.ts'

export interface Question {
  script: string
  /** Bytes of the answer that are read. */
  limit: number
}

export interface Answer {
  /** Both outputs, as a terminal shows them. */
  output: string
  status: number
}

export interface Answers {
  /** The process that asked: it and its descendants are no part of what is looked at. */
  asker: number
  answers: Answer[]
}

/** Seconds; a script that hangs must not hold up the lesson. */
const PATIENCE = 10
/** What guards a script. Busybox's `timeout` watches from outside of the processes that ask, under these words. */
export const GUARD = `timeout -s KILL ${PATIENCE} bash -c `
/** Blocks of a KiB: a script that prints without end fills no more of the guest's memory. */
const MAX_PRINTED = 8_192

/**
 * The answer passes through a file and not through a pipe: a process that a script leaves behind would hold the pipe
 * open.
 */
const PREAMBLE = `answer=$(mktemp) && trap 'rm -f "$answer"' EXIT || exit 1
ask() {
  (ulimit -f ${MAX_PRINTED}; exec ${GUARD}"$2") >"$answer" 2>&1 </dev/null
  status=$?
  head -c "$1" "$answer" | base64 -w 0
  echo " $status"
}
echo $$`

export const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`

export function questionScript(questions: readonly Question[]): string {
  return [PREAMBLE, ...questions.map(({ script, limit }) => `ask ${limit} ${quoted(script)}`)].join('\n')
}

/** @throws EngineError `corrupt` for what no such script has printed */
export function parseAnswers(output: string, count: number): Answers {
  const [asker = '', ...lines] = output.trimEnd().split('\n')
  const answers = lines.map((line) => {
    const match = /^([A-Za-z0-9+/=]*) (\d+)$/.exec(line)
    return match && { output: decodeBase64(match[1]!), status: Number(match[2]) }
  })
  const whole = answers.filter((answer) => answer !== null)
  if (!/^\d+$/.test(asker) || whole.length !== count || lines.length !== count)
    throw new EngineError('corrupt', `the guest's answers cannot be read: ${output.slice(0, 200)}`)
  return { asker: Number(asker), answers: whole }
}

const decodeBase64 = (text: string): string =>
  new TextDecoder().decode(Uint8Array.from(atob(text), (character) => character.charCodeAt(0)))

/** Rejects when the guest cannot be asked; a script that fails is an answer. */
export async function askGuest(guest: LessonGuest, questions: readonly Question[]): Promise<Answers> {
  if (questions.length === 0) return { asker: 0, answers: [] }
  const { code, stdout, stderr } = await guest.run(['bash', '-c', questionScript(questions)])
  if (code !== 0) {
    const said = `${stdout}${stderr}`.trim().slice(-500)
    throw new EngineError('internal', `the guest could not be asked: exit status ${code}: ${said}`)
  }
  return parseAnswers(stdout, questions.length)
}
