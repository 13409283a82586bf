/** Commands over several objects: each one that worked is echoed, the failures are reported together at the end. */
import { CliError } from './cli-error.ts'
import type { CliContext } from './context.ts'

/** A failure that does not stop the others; defects pass through. */
export function messageOf(error: unknown): string {
  if (error instanceof Error) return error.message
  throw error
}

export interface ForEachOptions {
  /** What is printed for one that worked; default its name as given. */
  echo?: (name: string) => string
  /** True: the failure has been dealt with. */
  tolerate?: (error: unknown) => Promise<boolean>
}

/** All at once, as Docker's client does; output in the order given. @throws CliError with every message on a line */
export async function forEachName(
  context: CliContext,
  names: readonly string[],
  operation: (name: string) => Promise<void>,
  { echo = (name) => name, tolerate }: ForEachOptions = {},
): Promise<number> {
  const running = names.map((name) =>
    operation(name).then(
      () => undefined,
      (error: unknown) => ({ error }),
    ),
  )
  const messages: string[] = []
  for (const [at, name] of names.entries()) {
    const failure = await running[at]
    if (failure === undefined) await context.session.stdout.write(`${echo(name)}\n`)
    else if (!(await tolerate?.(failure.error))) messages.push(messageOf(failure.error))
  }
  if (context.session.ended.aborted) throw context.session.ended.reason
  if (messages.length > 0) throw new CliError(messages.join('\n'))
  return 0
}

/** A container's name in a path. */
export const containerPath = (name: string): string => `/containers/${encodeURIComponent(name)}`
