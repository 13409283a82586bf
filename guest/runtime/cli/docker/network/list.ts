/** `docker network ls`. */
import type { NetworkInspect } from '../../../../protocol/api/engine-api.ts'
import type { CliContext } from '../../shared/context.ts'
import { naturalOrder } from '../../shared/format/natural-order.ts'
import { formatFilters } from '../../../../vocabulary/filters.ts'
import { type RowType, writeRows } from '../../shared/format/formatter.ts'
import { goTimestamp } from '../../shared/format/durations.ts'
import { labelOf, labelText, truncateId } from '../../shared/format/ids.ts'
import type { NetworkFlags } from '../table/network-flags.ts'

function networkRow(truncate: boolean): RowType<NetworkInspect> {
  return {
    goType: '*network.networkContext',
    columns: {
      ID: { header: 'NETWORK ID', value: ({ Id }) => (truncate ? truncateId(Id) : Id) },
      Name: { header: 'NAME', value: ({ Name }) => Name },
      Driver: { header: 'DRIVER', value: ({ Driver }) => Driver },
      Scope: { header: 'SCOPE', value: ({ Scope }) => Scope },
      IPv6: { header: 'IPV6', value: ({ EnableIPv6 }) => String(EnableIPv6 === true) },
      Internal: { header: 'INTERNAL', value: ({ Internal }) => String(Internal) },
      Labels: { header: 'LABELS', value: ({ Labels }) => labelText(Labels) },
      CreatedAt: { header: 'CREATED AT', value: ({ Created }) => goTimestamp(Created) },
    },
    methods: { Label: ({ Labels }) => labelOf(Labels) },
  }
}

const RAW = 'network_id: {{.ID}}\nname: {{.Name}}\ndriver: {{.Driver}}\nscope: {{.Scope}}\n'

function formatOf(given: string, quiet: boolean): string {
  if (given === '' || given === 'table')
    return quiet ? '{{.ID}}' : 'table {{.ID}}\t{{.Name}}\t{{.Driver}}\t{{.Scope}}'
  if (given === 'raw') return quiet ? 'network_id: {{.ID}}' : RAW
  return given
}

export async function list({ flags, api, session }: CliContext<NetworkFlags['ls']>): Promise<number> {
  const query = { filters: formatFilters(flags.filters()) }
  const networks = await api.json('GET', '/networks', { query })
  networks.sort((a, b) => naturalOrder(a.Name, b.Name))
  const format = formatOf(flags.string('format'), flags.bool('quiet'))
  await writeRows(session.stdout, format, networkRow(!flags.bool('no-trunc')), networks)
  return 0
}
