/** `docker ps`. */
import type { ContainerSummary } from '../../../../protocol/api/engine-api.ts'
import type { CliContext } from '../../shared/context.ts'
import { formatFilters } from '../../../../vocabulary/filters.ts'
import { checkFormat, writeRows } from '../../shared/format/formatter.ts'
import { CONTAINER_TABLE, containerRow } from './row.ts'
import type { ContainerFlags } from '../table/container-flags.ts'

const NOTHING: ContainerSummary = {
  Id: '',
  Names: [],
  Image: '',
  ImageID: '',
  Command: '',
  Created: 0,
  Ports: [],
  Labels: {},
  State: 'created',
  Status: '',
  HostConfig: { NetworkMode: '' },
  NetworkSettings: { Networks: {} },
  Mounts: [],
}

const RAW = `container_id: {{.ID}}
image: {{.Image}}
command: {{.Command}}
created_at: {{.CreatedAt}}
state: {{- pad .State 1 0}}
status: {{- pad .Status 1 0}}
names: {{.Names}}
labels: {{- pad .Labels 1 0}}
ports: {{- pad .Ports 1 0}}
`

function formatOf(given: string, quiet: boolean, size: boolean): string {
  if (given === 'raw') return quiet ? 'container_id: {{.ID}}' : RAW + (size ? 'size: {{.Size}}\\n' : '')
  if (quiet) return '{{.ID}}'
  if (given === '' || given === 'table') return CONTAINER_TABLE + (size ? '\t{{.Size}}' : '')
  return given
}

export async function list({ flags, api, session, now }: CliContext<ContainerFlags['ls']>): Promise<number> {
  const row = containerRow(!flags.bool('no-trunc'), now())
  const given = flags.string('format')
  const quiet = flags.bool('quiet')
  if (given !== '' && quiet)
    await session.stderr.write(
      'WARNING: Ignoring custom format, because both --format and --quiet are set.\n',
    )
  const columns = given === '' ? undefined : checkFormat(given, row, NOTHING)
  // The size is requested only when shown: the engine measures it by walking each container's files.
  const size = flags.bool('size') || (!quiet && !flags.changed('size') && columns?.has('Size') === true)
  const last = flags.number('last')
  const query = {
    all: flags.bool('all') ? 1 : undefined,
    limit: flags.bool('latest') && last === -1 ? 1 : last > 0 ? last : undefined,
    size: size ? 1 : undefined,
    filters: formatFilters(flags.filters()),
  }
  const containers = await api.json('GET', '/containers/json', { query })
  await writeRows(session.stdout, formatOf(given, quiet, size), row, containers)
  return 0
}
