/** `docker compose images`. */
import { CliError } from '../../shared/cli-error.ts'
import { formatFilters } from '../../../../vocabulary/filters.ts'
import { truncateId } from '../../shared/format/ids.ts'
import { humanSize } from '../../shared/format/sizes.ts'
import { projectName, type ComposeContext } from '../context.ts'
import { byContainerName, containerName, isOf } from '../engine/containers.ts'
import { imageFacts } from '../engine/image/images.ts'
import { LABEL } from '../engine/labels.ts'
import { printTable } from '../print-table.ts'
import type { ComposeFlags } from '../flags.ts'

export async function images(context: ComposeContext<ComposeFlags['images']>): Promise<number> {
  const { api, args, flags, session } = context
  const label = [`${LABEL.project}=${await projectName(context)}`]
  const query = { all: 1, filters: formatFilters({ label }) }
  const all = await api.json('GET', '/containers/json', { query })
  const containers = (args.length === 0 ? all : all.filter(isOf(args))).sort(byContainerName)
  const facts = await imageFacts(
    api,
    containers.map(({ ImageID }) => ImageID),
  )
  const rows = containers.map((container) => {
    const image = facts.get(container.ImageID)
    const name = containerName(container)
    if (image === undefined) throw new CliError(`failed to retrieve image for container ${name}`)
    const { id, repository, tag, size } = image
    return { ID: id, ContainerName: name, Repository: repository, Tag: tag, Size: size }
  })
  if (flags.bool('quiet')) {
    const ids = new Set(rows.map(({ ID }) => ID.replace(/^[^:]*:/, '')))
    await session.stdout.write([...ids].map((id) => `${id}\n`).join(''))
    return 0
  }
  await printTable(context, rows, ['CONTAINER', 'REPOSITORY', 'TAG', 'IMAGE ID', 'SIZE'], (row) => [
    row.ContainerName,
    row.Repository || '<none>',
    row.Tag || '<none>',
    truncateId(row.ID),
    humanSize(row.Size, 3),
  ])
  return 0
}
