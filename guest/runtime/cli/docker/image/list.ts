/** `docker images`. */
import type { CliContext } from '../../shared/context.ts'
import { formatFilters } from '../../../../vocabulary/filters.ts'
import { writeRows } from '../../shared/format/formatter.ts'
import { imageRow, imageRows } from './row.ts'
import type { ImageFlags } from '../table/image-flags.ts'

const CREATED = '{{if .CreatedSince }}{{.CreatedSince}}{{else}}N/A{{end}}'
const TABLE = `table {{.Repository}}\t{{.Tag}}\t{{.ID}}\t${CREATED}\t{{.Size}}`
const TABLE_WITH_DIGEST = `table {{.Repository}}\t{{.Tag}}\t{{.Digest}}\t{{.ID}}\t${CREATED}\t{{.Size}}`

function formatOf(given: string, quiet: boolean, digests: boolean): string {
  if (given === '' || given === 'table') return quiet ? '{{.ID}}' : digests ? TABLE_WITH_DIGEST : TABLE
  if (given === 'raw') {
    if (quiet) return 'image_id: {{.ID}}'
    const digest = digests ? 'digest: {{.Digest}}\n' : ''
    return `repository: {{.Repository}}\ntag: {{.Tag}}\n${digest}image_id: {{.ID}}\ncreated_at: {{.CreatedAt}}\nvirtual_size: {{.Size}}\n`
  }
  if (given.startsWith('table') && digests && !given.includes('{{.Digest}}')) return `${given}\t{{.Digest}}`
  return given
}

export async function list({
  flags,
  args,
  api,
  session,
  now,
}: CliContext<ImageFlags['ls']>): Promise<number> {
  const filters = flags.filters()
  const query = {
    all: flags.bool('all') ? 1 : undefined,
    filters: formatFilters(
      args[0] === undefined ? filters : { ...filters, reference: [...(filters.reference ?? []), args[0]] },
    ),
  }
  const images = await api.json('GET', '/images/json', { query })
  const digests = flags.bool('digests')
  const format = formatOf(flags.string('format'), flags.bool('quiet'), digests)
  const rows = imageRows(images, digests || format.includes('{{.Digest}}'))
  await writeRows(session.stdout, format, imageRow(!flags.bool('no-trunc'), now()), rows)
  return 0
}
