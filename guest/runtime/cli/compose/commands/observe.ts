/** `docker compose top`, `port`, `events`, `stats`, `wait`, `attach`. */
import { formatFilters } from '../../../../vocabulary/filters.ts'
import type { ContainerSummary, EngineEvent } from '../../../../protocol/api/engine-api.ts'
import { CliError } from '../../shared/cli-error.ts'
import { rfc3339Nano } from '../../shared/format/durations.ts'
import { alignTabs } from '../../shared/format/tabwriter.ts'
import { projectName, projectOrName, runDockerCommand, type ComposeContext } from '../context.ts'
import { byContainerName, containerName, isOf, listContainers, oneContainer } from '../engine/containers.ts'
import { LABEL } from '../engine/labels.ts'
import { withProgress } from '../engine/output/progress.ts'
import type { ComposeFlags } from '../flags.ts'
import { goJsonText } from '../model/yaml/print-json.ts'
import { byText } from '../model/yaml/tree.ts'
import { takeDown } from './down.ts'

export async function top(context: ComposeContext): Promise<number> {
  const { api, args, session } = context
  const name = await projectName(context)
  const all = await listContainers(api, name, { oneOff: 'include', all: false })
  const containers = (args.length === 0 ? all : all.filter(isOf(args))).sort(byContainerName)
  for (const container of containers) {
    const { Titles, Processes } = await api.json('GET', `/containers/${container.Id}/top`)
    const rows = [
      `${Titles.join('\t')}\n`,
      ...Processes.map((row) => row.map((cell) => `${cell}\t`).join('') + '\n'),
    ]
    const table = alignTabs(`${rows.join('')}\n`, { minWidth: 5, padding: 3 })
    await session.stdout.write(`${containerName(container)}\n${table}`)
  }
  return 0
}

export async function port(context: ComposeContext<ComposeFlags['port']>): Promise<number> {
  const { api, args, flags, session } = context
  const [service, text] = args
  if (!/^\d+$/.test(text!))
    throw new CliError(`strconv.ParseUint: parsing ${JSON.stringify(text)}: invalid syntax`)
  const protocol = flags.string('protocol').toLowerCase()
  const query = { oneOff: 'include', all: false, index: flags.number('index') } as const
  const container = await oneContainer(api, await projectName(context), service!, query)
  const found = container.Ports.find(
    ({ PrivatePort, Type }) => PrivatePort === Number(text) && Type === protocol,
  )
  if (found === undefined) {
    const known = container.Ports.map(({ PublicPort = 0, Type }) => `${PublicPort}/${Type}`).join(', ')
    throw new CliError(`no port ${text!}/${protocol} for container ${containerName(container)}: ${known}`)
  }
  await session.stdout.write(`${found.IP ?? ''}:${found.PublicPort ?? 0}\n`)
  return 0
}

/** Takes the digits from the text: a double can't hold them. */
const nanoseconds = (raw: string): bigint => BigInt(/"timeNano":\s*(\d+)/.exec(raw)?.[1] ?? '0')

function eventLine(event: EngineEvent, raw: string, asJson: boolean): string {
  const nano = nanoseconds(raw)
  const time = rfc3339Nano(Number(nano / 1_000_000_000n), Number(nano % 1_000_000_000n))
  const entries = Object.entries(event.Actor.Attributes ?? {}).filter(
    ([key]) => !key.startsWith('com.docker.compose.'),
  )
  const attributes = Object.fromEntries(entries.sort(([a], [b]) => byText(a, b)))
  const service = event.Actor.Attributes[LABEL.service] ?? ''
  const { ID: id } = event.Actor
  if (asJson) return goJsonText({ action: event.Action, attributes, id, service, time, type: 'container' })
  const shown = Object.entries(attributes).map(([key, value]) => `${key}=${value}`)
  const [day, clock] = time.split('T') as [string, string]
  return `${day} ${clock.slice(0, 15)} container ${event.Action} ${id} (${shown.join(', ')})`
}

export async function events(context: ComposeContext<ComposeFlags['events']>): Promise<number> {
  const { api, args, flags, session } = context
  const label = [`${LABEL.project}=${await projectName(context)}`]
  const query = { filters: formatFilters({ label }) }
  for await (const { value: event, text } of await api.rawStream('GET', '/events', { query })) {
    const { Attributes } = event.Actor
    if (event.Type !== 'container' || Attributes[LABEL.oneOff] === 'True') continue
    if (args.length > 0 && !args.includes(Attributes[LABEL.service] ?? '')) continue
    await session.stdout.write(`${eventLine(event, text, flags.bool('json'))}\n`)
  }
  return 0
}

export async function stats(context: ComposeContext<ComposeFlags['stats']>): Promise<number> {
  const { api, args, flags } = context
  const all = flags.bool('all')
  const query = { oneOff: 'include', all, services: args } as const
  const containers = await listContainers(api, await projectName(context), query)
  const format = flags.string('format')
  return runDockerCommand(context, 'stats', [
    ...(all ? ['--all'] : []),
    ...(flags.bool('no-stream') ? ['--no-stream'] : []),
    ...(flags.bool('no-trunc') ? ['--no-trunc'] : []),
    ...(format === '' ? [] : ['--format', format]),
    ...containers.map(({ Id }) => Id),
  ])
}

async function waitForEnd({ api, session }: ComposeContext, { Id }: ContainerSummary): Promise<number> {
  const { StatusCode } = await api.json('POST', `/containers/${Id}/wait`)
  await session.stdout.write(`container "${Id}" exited with status code ${StatusCode}\n`)
  return StatusCode
}

export async function wait(context: ComposeContext<ComposeFlags['wait']>): Promise<number> {
  const { api, args, flags } = context
  const { name } = await projectOrName(context)
  const query = { oneOff: 'include', all: false, services: args } as const
  const containers = await listContainers(api, name, query)
  if (containers.length === 0) throw new CliError(`no containers for project ${JSON.stringify(name)}`)
  const codes = await Promise.all(containers.map((container) => waitForEnd(context, container)))
  if (flags.bool('down-project')) {
    const options = {
      removeOrphans: true,
      volumes: false,
      images: '',
      services: [],
      timeout: undefined,
    } as const
    await withProgress(context, 'Running', (progress) =>
      takeDown(context, progress, name, undefined, options),
    )
  }
  return codes.at(-1)!
}

export async function attach(context: ComposeContext<ComposeFlags['attach']>): Promise<number> {
  const { api, args, flags } = context
  const query = { oneOff: 'include', all: false, index: flags.number('index') } as const
  const { Id } = await oneContainer(api, await projectName(context), args[0]!, query)
  const keys = flags.string('detach-keys')
  return runDockerCommand(context, 'attach', [
    ...(keys === '' ? [] : ['--detach-keys', keys]),
    ...(flags.bool('no-stdin') ? ['--no-stdin'] : []),
    `--sig-proxy=${flags.bool('sig-proxy')}`,
    Id,
  ])
}
