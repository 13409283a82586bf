/** `docker search`. */
import type { ImageSearchItem } from '../../../../protocol/api/engine-api.ts'
import type { CliContext } from '../../shared/context.ts'
import { formatFilters } from '../../../../vocabulary/filters.ts'
import { ellipsis } from '../../shared/format/display-width.ts'
import { type RowType, writeRows } from '../../shared/format/formatter.ts'
import type { SystemFlags } from '../table/system-flags.ts'

function searchRow(truncate: boolean, asJson: boolean): RowType<ImageSearchItem> {
  const description = ({ description: text }: ImageSearchItem): string => text.replace(/[\n\r]/g, ' ')
  const yes = asJson ? 'true' : '[OK]'
  const no = asJson ? 'false' : ''
  return {
    goType: '*registry.searchContext',
    columns: {
      Name: { header: 'NAME', value: ({ name }) => name },
      Description: {
        header: 'DESCRIPTION',
        value: (item) => (truncate ? ellipsis(description(item), 45) : description(item)),
      },
      StarCount: { header: 'STARS', value: ({ star_count: stars }) => String(stars) },
      IsOfficial: { header: 'OFFICIAL', value: ({ is_official: official }) => (official ? yes : no) },
    },
  }
}

const TABLE = 'table {{.Name}}\t{{.Description}}\t{{.StarCount}}\t{{.IsOfficial}}'

export async function search({
  flags,
  args,
  api,
  session,
}: CliContext<SystemFlags['search']>): Promise<number> {
  const limit = flags.number('limit')
  const query = {
    term: args[0]!,
    limit: limit > 0 ? limit : undefined,
    filters: formatFilters(flags.filters()),
  }
  const items = await api.json('GET', '/images/search', { query })
  const given = flags.string('format')
  const format = given === '' || given === 'table' ? TABLE : given
  const row = searchRow(!flags.bool('no-trunc'), /^(json|\{\{ *json)/.test(format))
  await writeRows(session.stdout, format, row, items)
  return 0
}
