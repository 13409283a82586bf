/**
 * Shows the progress of `docker compose`: one line per event, or on a terminal one line per object, redrawn as it
 * changes.
 */
import type { CliOutput } from '../../../shared/session.ts'
import type { ComposeContext } from '../../context.ts'
import type { Progress, ProgressEvent } from './progress-events.ts'
import { TerminalBoard } from './terminal-board.ts'

class PlainProgress implements Progress {
  readonly #output: CliOutput

  constructor(output: CliOutput) {
    this.#output = output
  }

  event({ id, text = '', statusText = '' }: ProgressEvent): void {
    void this.#output.write(` ${id} ${text} ${statusText}\n`)
  }

  tail(message: string): void {
    void this.#output.write(`${message}\n`)
  }

  hasMore(): void {}

  end(): Promise<void> {
    return this.#output.write('')
  }
}

/** Discards all progress. */
export const SILENT: Progress = {
  event: () => undefined,
  tail: () => undefined,
  hasMore: () => undefined,
  end: () => Promise.resolve(),
}

/** The stream for information that isn't the command's output. */
export const infoOutput = ({ session }: ComposeContext): CliOutput =>
  ['1', 'true'].includes(session.env.COMPOSE_STATUS_STDOUT ?? '') ? session.stdout : session.stderr

function createProgress(context: ComposeContext, title: string): Progress {
  const output = infoOutput(context)
  if (context.progress === 'quiet') return SILENT
  const terminal = context.progress === 'tty' || (context.progress === 'auto' && output.isTerminal)
  if (!terminal) return new PlainProgress(output)
  return new TerminalBoard(output, title, () => context.session.size(), context.now)
}

/** Runs the work with a Progress to report to, which is ended however the work ends. */
export async function withProgress<T>(
  context: ComposeContext,
  title: string,
  work: (progress: Progress) => Promise<T>,
): Promise<T> {
  const progress = createProgress(context, title)
  try {
    return await work(progress)
  } finally {
    await progress.end()
  }
}
