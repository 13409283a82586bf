/** A question before something is thrown away. */
import { CliError } from './command.ts'
import type { CliContext } from './context.ts'

/**
 * Asks unless `--force`. Only `y` and `yes` agree; the end of the input refuses.
 * @throws CliError with `refused`
 */
export async function confirm({ session }: CliContext, question: string, refused: string): Promise<void> {
  await session.stdout.write(`${question} [y/N] `)
  const decoder = new TextDecoder()
  let answer = ''
  while (!answer.includes('\n')) {
    const typed = await session.stdin.read()
    if (typed === null) break
    answer += decoder.decode(typed, { stream: true })
  }
  session.stdin.stop()
  if (!/^y(es)?$/i.test(answer.split('\n')[0]!.trim())) throw new CliError(refused)
}
