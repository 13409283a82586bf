/** `docker history`. */
import type { ImageHistoryItem } from '../../../../protocol/api/engine-api.ts'
import type { CliContext } from '../../shared/context.ts'
import { ellipsis } from '../../shared/format/display-width.ts'
import { humanDuration } from '../../../../vocabulary/human-duration.ts'
import { type RowType, writeRows } from '../../shared/format/formatter.ts'
import { truncateId } from '../../shared/format/ids.ts'
import { humanSize } from '../../shared/format/sizes.ts'
import { platformQuery } from '../../shared/platform-query.ts'
import type { ImageFlags } from '../table/image-flags.ts'

const HUMAN_TABLE = 'table {{.ID}}\t{{.CreatedSince}}\t{{.CreatedBy}}\t{{.Size}}\t{{.Comment}}'
const EXACT_TABLE = 'table {{.ID}}\t{{.CreatedAt}}\t{{.CreatedBy}}\t{{.Size}}\t{{.Comment}}'

const createdAt = ({ Created }: ImageHistoryItem): string =>
  `${new Date(Created * 1000).toISOString().slice(0, 19)}Z`

function historyRow(truncate: boolean, human: boolean, now: number): RowType<ImageHistoryItem> {
  return {
    goType: '*image.historyContext',
    columns: {
      ID: { header: 'IMAGE', value: ({ Id }) => (truncate ? truncateId(Id) : Id) },
      CreatedSince: {
        header: 'CREATED',
        value: (item) =>
          human ? `${humanDuration((now - item.Created * 1000) / 1000)} ago` : createdAt(item),
      },
      CreatedAt: { header: 'CREATED AT', value: createdAt },
      CreatedBy: {
        header: 'CREATED BY',
        value: ({ CreatedBy }) => {
          const text = CreatedBy.replaceAll('\t', ' ')
          return truncate ? ellipsis(text, 45) : text
        },
      },
      Size: { header: 'SIZE', value: ({ Size }) => (human ? humanSize(Size, 3) : String(Size)) },
      Comment: { header: 'COMMENT', value: ({ Comment }) => Comment },
    },
  }
}

export async function history({
  flags,
  args,
  api,
  session,
  now,
}: CliContext<ImageFlags['history']>): Promise<number> {
  const path = `/images/${encodeURIComponent(args[0]!)}/history` as const
  const query = { platform: platformQuery(flags.string('platform')) }
  const items = await api.json('GET', path, { query })
  const given = flags.string('format')
  const quiet = flags.bool('quiet')
  const human = flags.bool('human')
  const standard = quiet ? '{{.ID}}' : human ? HUMAN_TABLE : EXACT_TABLE
  const format = given === '' || given === 'table' ? standard : given
  await writeRows(session.stdout, format, historyRow(!flags.bool('no-trunc'), human, now()), items)
  return 0
}
