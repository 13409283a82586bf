/** Prints the tables of Compose that have no templates: columns, or JSON with `--format json`. */
import { CliError } from '../shared/cli-error.ts'
import { alignTabs } from '../shared/format/tabwriter.ts'
import type { ComposeContext } from './context.ts'

/** @throws CliError for another format */
export async function printTable<Row>(
  { flags, session }: ComposeContext<{ format: 'string' }>,
  rows: readonly Row[],
  headers: readonly string[],
  cells: (row: Row) => readonly string[],
): Promise<void> {
  const format = flags.string('format')
  if (format === 'json') {
    await session.stdout.write(`${JSON.stringify(rows)}\n`)
    return
  }
  if (format !== '' && format !== 'table' && format !== 'pretty')
    throw new CliError(`format value ${JSON.stringify(format)} could not be parsed: parsing failed`)
  const lines = [headers, ...rows.map(cells)].map((row) => `${row.join('\t')}\n`)
  await session.stdout.write(alignTabs(lines.join(''), { minWidth: 20, padding: 3 }))
}
