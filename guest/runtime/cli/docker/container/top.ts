/** `docker top`. */
import type { CliContext } from '../../shared/context.ts'
import { alignTabs } from '../../shared/format/tabwriter.ts'
import { containerPath } from '../../shared/for-each.ts'

export async function top({ args, api, session }: CliContext): Promise<number> {
  const [name, ...psOptions] = args
  const query = { ps_args: psOptions.join(' ') || undefined }
  const { Titles, Processes } = await api.json('GET', `${containerPath(name!)}/top`, { query })
  const lines = [Titles, ...Processes].map((row) => `${row.join('\t')}\n`)
  await session.stdout.write(alignTabs(lines.join(''), { minWidth: 20, padding: 3 }))
  return 0
}
