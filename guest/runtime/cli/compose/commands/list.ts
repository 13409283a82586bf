/** `docker compose ls`. */
import type { ContainerSummary } from '../../../../protocol/api/engine-api.ts'
import { CliError } from '../../shared/cli-error.ts'
import { formatFilters } from '../../../../vocabulary/filters.ts'
import type { ComposeContext } from '../context.ts'
import { LABEL } from '../engine/labels.ts'
import { byText } from '../model/yaml/tree.ts'
import { printTable } from '../print-table.ts'
import type { ComposeFlags } from '../flags.ts'

/** The states of the containers with their numbers, as `exited(1), running(2)`. */
function combinedStatus(containers: readonly ContainerSummary[]): string {
  const counts = new Map<string, number>()
  for (const { State } of containers) counts.set(State, (counts.get(State) ?? 0) + 1)
  return [...counts]
    .sort(([a], [b]) => byText(a, b))
    .map(([state, count]) => `${state}(${count})`)
    .join(', ')
}

function configFiles(containers: readonly ContainerSummary[], warn: (message: string) => void): string {
  const files = new Set<string>()
  for (const { Id, Labels } of containers) {
    const label = Labels[LABEL.configFiles]
    if (label === undefined) {
      warn(`No label "${LABEL.configFiles}" set on container "${Id}" of compose project`)
      return 'N/A'
    }
    label.split(',').forEach((file) => files.add(file))
  }
  return [...files].join(',')
}

export async function list(context: ComposeContext<ComposeFlags['ls']>): Promise<number> {
  const { api, flags, session, warn } = context
  const given = flags.filters()
  const unknown = Object.keys(given).find((name) => name !== 'name')
  if (unknown !== undefined) throw new CliError(`invalid filter '${unknown}'`)
  const filters = formatFilters({ label: [LABEL.project, LABEL.configHash] })
  const query = { all: flags.bool('all') ? 1 : undefined, filters }
  const containers = await api.json('GET', '/containers/json', { query })
  const names = [...new Set(containers.map(({ Labels }) => Labels[LABEL.project]!))].sort(byText)
  const rows = names
    .filter(
      (name) => given.name === undefined || given.name.some((pattern) => new RegExp(pattern).test(name)),
    )
    .map((name) => {
      const own = containers.filter(({ Labels }) => Labels[LABEL.project] === name)
      return { Name: name, Status: combinedStatus(own), ConfigFiles: configFiles(own, warn) }
    })
  if (flags.bool('quiet')) {
    await session.stdout.write(rows.map(({ Name }) => `${Name}\n`).join(''))
    return 0
  }
  await printTable(context, rows, ['NAME', 'STATUS', 'CONFIG FILES'], (row) => [
    row.Name,
    row.Status,
    row.ConfigFiles,
  ])
  return 0
}
