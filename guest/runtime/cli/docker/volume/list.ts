/** `docker volume ls`. */
import type { CliContext } from '../../shared/context.ts'
import { naturalOrder } from '../../shared/format/natural-order.ts'
import { formatFilters } from '../../../../vocabulary/filters.ts'
import { writeRows } from '../../shared/format/formatter.ts'
import { VOLUME_ROW } from './row.ts'
import type { VolumeFlags } from '../table/volume-flags.ts'

function formatOf(given: string, quiet: boolean): string {
  if (given === '' || given === 'table') return quiet ? '{{.Name}}' : 'table {{.Driver}}\t{{.Name}}'
  if (given === 'raw') return quiet ? 'name: {{.Name}}' : 'name: {{.Name}}\ndriver: {{.Driver}}\n'
  return given
}

export async function list({ flags, api, session }: CliContext<VolumeFlags['ls']>): Promise<number> {
  const query = { filters: formatFilters(flags.filters()) }
  const { Volumes } = await api.json('GET', '/volumes', { query })
  const volumes = [...(Volumes ?? [])].sort((a, b) => naturalOrder(a.Name, b.Name))
  await writeRows(session.stdout, formatOf(flags.string('format'), flags.bool('quiet')), VOLUME_ROW, volumes)
  return 0
}
