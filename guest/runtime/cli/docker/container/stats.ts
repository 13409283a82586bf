/** `docker stats`: redraws a screen twice a second, or prints one sample with `--no-stream`. */
import { setTimeout as delay } from 'node:timers/promises'
import { CliError } from '../../shared/cli-error.ts'
import type { CliContext } from '../../shared/context.ts'
import { formatFilters } from '../../../../vocabulary/filters.ts'
import { containerPath, messageOf } from '../../shared/for-each.ts'
import { compileFormat, formatRows } from '../../shared/format/formatter.ts'
import { linesThatFit, type TerminalSize } from '../../shared/format/redrawn-lines.ts'
import { STATS_TABLE, statsRow, type StatsEntry } from './stats-row.ts'
import type { ContainerFlags } from '../table/container-flags.ts'

/** Milliseconds between two screens, as in Docker. */
const REFRESH = 500

class StatsBoard {
  readonly entries = new Map<string, StatsEntry>()
  readonly failures: string[] = []
  readonly #context: CliContext<ContainerFlags['stats']>

  constructor(context: CliContext<ContainerFlags['stats']>) {
    this.#context = context
  }

  /** Resolves with the first sample; a failure is noted and does not reject. */
  add(name: string): Promise<void> {
    if (this.entries.has(name)) return Promise.resolve()
    const entry: StatsEntry = { container: name }
    this.entries.set(name, entry)
    return new Promise((resolve) => {
      void this.#collect(entry, resolve).catch((error: unknown) => {
        if (!this.#context.session.ended.aborted) this.failures.push(messageOf(error))
        resolve()
      })
    })
  }

  async #collect(entry: StatsEntry, first: () => void): Promise<void> {
    const { api, flags } = this.#context
    const stream = !flags.bool('no-stream')
    const path = `${containerPath(entry.container)}/stats` as const
    for await (const stats of api.values('GET', path, {
      query: { stream: stream ? 1 : 0 },
    })) {
      entry.stats = stats
      first()
      if (!stream) break
    }
    first()
  }
}

async function watchEvents(context: CliContext<ContainerFlags['stats']>, board: StatsBoard): Promise<void> {
  const filters = formatFilters({ type: ['container'] })
  const appears = context.flags.bool('all') ? ['create', 'start'] : ['start']
  for await (const event of context.api.values('GET', '/events', { query: { filters } })) {
    const id = event.Actor.ID.slice(0, 12)
    if (appears.includes(event.Action)) void board.add(id)
    else if (event.Action === 'die' && !context.flags.bool('all')) board.entries.delete(id)
  }
}

async function collectAll(context: CliContext<ContainerFlags['stats']>, board: StatsBoard): Promise<void> {
  const { api, flags } = context
  if (!flags.bool('no-stream')) {
    void watchEvents(context, board).catch((error: unknown) => {
      if (!context.session.ended.aborted) board.failures.push(messageOf(error))
    })
  }
  const query = { all: flags.bool('all') ? 1 : undefined }
  const containers = await api.json('GET', '/containers/json', { query })
  await Promise.all(containers.map(({ Id }) => board.add(Id.slice(0, 12))))
}

/** Puts the cursor home, clears each line to its end, and clears the rest of the screen. */
function screen(text: string, size: TerminalSize): string {
  const lines = linesThatFit(text.split('\n'), size).map((line) => `${line} \x1b[K\n`)
  return `\x1b[H${lines.join('')}\x1b[J`
}

export async function stats(context: CliContext<ContainerFlags['stats']>): Promise<number> {
  const { flags, args, session } = context
  const given = flags.string('format')
  const format = given === '' || given === 'table' ? STATS_TABLE : given
  compileFormat(format)
  const board = new StatsBoard(context)
  if (args.length === 0) await collectAll(context, board)
  else {
    await Promise.all(args.map((name) => board.add(name)))
    if (board.failures.length > 0) throw new CliError(board.failures.join('\n'))
  }
  const row = statsRow(!flags.bool('no-trunc'))
  for (;;) {
    const text = formatRows(format, row, [...board.entries.values()])
    if (flags.bool('no-stream')) {
      await session.stdout.write(text)
      return 0
    }
    await session.stdout.write(screen(text, session.size()))
    if (board.failures.length > 0) throw new CliError(board.failures.join('\n'))
    await delay(REFRESH, undefined, { signal: session.ended })
  }
}
