/** Checks that a container's terminal has one at the caller's end when stdin is attached to it. */
import { CliError } from '../cli-error.ts'
import type { CliSession } from '../session.ts'

/** @throws CliError */
export function checkTerminal(session: CliSession, stdin: boolean, tty: boolean): void {
  if (stdin && tty && !session.stdin.isTerminal) throw new CliError('the input device is not a TTY')
}
