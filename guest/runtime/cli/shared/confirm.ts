/** Asks the user before something is deleted. */
import { CliError } from './cli-error.ts'
import type { CliContext } from './context.ts'

/** Thrown when the user said no: there is nothing to report, and it is no failure. */
export class Cancelled extends CliError {
  constructor() {
    super('', 0)
  }
}

/**
 * Asks unless `--force`. Only `y` and `yes` agree; the end of the input refuses.
 * @throws Cancelled
 */
export async function confirm({ session }: CliContext, question: string): Promise<void> {
  await session.stdout.write(`${question} [y/N] `)
  const decoder = new TextDecoder()
  let answer = ''
  while (!answer.includes('\n')) {
    const typed = await session.stdin.read()
    if (typed === null) break
    answer += decoder.decode(typed, { stream: true })
  }
  session.stdin.stop()
  if (!/^y(es)?$/i.test(answer.split('\n')[0]!.trim())) throw new Cancelled()
}
