/** Runs a command over several objects: each success is echoed, and the failures are reported together at the end. */
import { CliError } from './cli-error.ts'
import type { CliContext } from './context.ts'

/** The message of a failure that does not stop the others; a defect of ours is thrown on. */
export function messageOf(error: unknown): string {
  if (error instanceof Error) return error.message
  throw error
}

export interface ForEachOptions {
  /** The text printed for a success; by default the name as given. */
  echo?: (name: string) => string
  /** Answers true when it has dealt with the failure. */
  tolerate?: (error: unknown) => Promise<boolean>
}

/**
 * Runs all at once, as Docker's client does, and prints in the order given. @throws CliError with each message on a
 * line
 */
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

/** The path of a container's endpoints, by its name. */
export const containerPath = (name: string) => `/containers/${encodeURIComponent(name)}` as const
