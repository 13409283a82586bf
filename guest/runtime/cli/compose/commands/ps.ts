/** `docker compose ps`. */
import type { ContainerSummary, PortSummary } from '../../../../protocol/api/engine-api.ts'
import { CliError } from '../../shared/cli-error.ts'
import { ellipsis } from '../../shared/format/display-width.ts'
import { goTimeString } from '../../shared/format/durations.ts'
import { humanDuration } from '../../../../vocabulary/human-duration.ts'
import { writeRows, type RowType } from '../../shared/format/formatter.ts'
import { labelOf, labelText, truncateId } from '../../shared/format/ids.ts'
import { displayPorts } from '../../shared/format/ports.ts'
import { humanSize } from '../../shared/format/sizes.ts'
import { projectOrName, type ComposeContext } from '../context.ts'
import { containerName, isOf, listContainers, serviceOf } from '../engine/containers.ts'
import { LABEL } from '../engine/labels.ts'
import { serviceNames } from '../model/project.ts'
import { byText } from '../model/yaml/tree.ts'
import type { ComposeFlags } from '../flags.ts'

const TABLE =
  'table {{.Name}}\t{{.Image}}\t{{.Command}}\t{{.Service}}\t{{.RunningFor}}\t{{.Status}}\t{{.Ports}}'

interface Row {
  container: ContainerSummary
  health: string
  exitCode: number
}

function statuses({ flags }: ComposeContext<ComposeFlags['ps']>): string[] {
  const given = flags.list('status')
  const filter = flags.string('filter')
  if (filter === '') return given
  const at = filter.indexOf('=')
  if (at < 0) throw new CliError('arguments to --filter should be in form KEY=VAL')
  const key = filter.slice(0, at)
  if (key === 'source') throw new CliError('not implemented')
  if (key !== 'status') throw new CliError(`unknown filter ${key}`)
  return [...given, filter.slice(at + 1)]
}

const byPrivatePort = (a: PortSummary, b: PortSummary): number => a.PrivatePort - b.PrivatePort

const publishers = ({ Ports }: ContainerSummary) =>
  [...(Ports ?? [])].sort(byPrivatePort).map(({ IP = '', PrivatePort, PublicPort = 0, Type }) => ({
    URL: IP,
    TargetPort: PrivatePort,
    PublishedPort: PublicPort,
    Protocol: Type,
  }))

function rowType(truncate: boolean, now: number): RowType<Row> {
  const text = (value: (container: ContainerSummary) => unknown) => (row: Row) => value(row.container)
  const mounts = ({ Mounts }: ContainerSummary): string[] =>
    (Mounts ?? []).map(({ Name, Source }) => Name || Source)
  return {
    goType: '*formatter.ContainerContext',
    columns: {
      Command: {
        header: 'COMMAND',
        value: text(({ Command }) => JSON.stringify(truncate ? ellipsis(Command, 20) : Command)),
      },
      CreatedAt: { header: 'CREATED AT', value: text(({ Created }) => goTimeString(Created)) },
      ExitCode: { value: ({ exitCode }) => exitCode },
      Health: { value: ({ health }) => health },
      ID: { header: 'CONTAINER ID', value: text(({ Id }) => (truncate ? truncateId(Id) : Id)) },
      Image: { header: 'IMAGE', value: text(({ Image }) => Image) },
      Labels: { header: 'LABELS', value: text(({ Labels }) => labelText(Labels)) },
      LocalVolumes: {
        value: text(({ Mounts }) => String((Mounts ?? []).filter(({ Driver }) => Driver === 'local').length)),
      },
      Mounts: {
        value: text((container) =>
          mounts(container)
            .map((name) => (truncate ? ellipsis(name, 15) : name))
            .join(','),
        ),
      },
      Name: { header: 'NAME', value: text(containerName) },
      Names: { value: text(containerName) },
      Networks: {
        value: text(({ NetworkSettings }) => Object.keys(NetworkSettings?.Networks ?? {}).join(',')),
      },
      Ports: { header: 'PORTS', value: text(({ Ports }) => displayPorts(Ports ?? [])) },
      Project: { header: 'PROJECT', value: text(({ Labels }) => Labels[LABEL.project] ?? '') },
      Publishers: { value: text(publishers) },
      RunningFor: {
        header: 'CREATED',
        value: text(({ Created }) => `${humanDuration((now - Created * 1000) / 1000)} ago`),
      },
      Service: { header: 'SERVICE', value: text(serviceOf) },
      Size: { header: 'SIZE', value: text(({ SizeRw = 0 }) => humanSize(SizeRw, 3)) },
      State: { header: 'STATE', value: text(({ State }) => State) },
      Status: { header: 'STATUS', value: text(({ Status }) => Status) },
    },
    methods: { Label: ({ container }) => labelOf(container.Labels) },
  }
}

async function rowOf({ api }: ComposeContext, container: ContainerSummary): Promise<Row> {
  const { State } = await api.json('GET', `/containers/${container.Id}/json`)
  return {
    container,
    health: State.Status === 'running' ? (State.Health?.Status ?? '') : '',
    exitCode: ['exited', 'dead'].includes(State.Status) ? State.ExitCode : 0,
  }
}

async function selected(context: ComposeContext<ComposeFlags['ps']>): Promise<ContainerSummary[]> {
  const { api, args, flags } = context
  const wanted = statuses(context)
  const { name, project } = await projectOrName(context, args)
  const known = project === undefined ? args : serviceNames(project)
  const missing = args.find((service) => !known.includes(service))
  if (missing !== undefined) throw new CliError(`no such service: ${missing}`)
  const all = flags.bool('all') || wanted.length > 0
  const services = args.length === 0 && project !== undefined && !flags.bool('orphans') ? known : args
  const oneOff = all ? 'include' : 'exclude'
  const containers = await listContainers(api, name, { oneOff, all, services })
  return containers
    .filter((container) => services.length === 0 || isOf(services)(container))
    .filter(({ State }) => wanted.length === 0 || wanted.includes(State))
    .sort((a, b) => byText(containerName(a), containerName(b)))
}

export async function ps(context: ComposeContext<ComposeFlags['ps']>): Promise<number> {
  const { flags, session, now } = context
  const containers = await selected(context)
  if (flags.bool('quiet')) {
    await session.stdout.write(containers.map(({ Id }) => `${Id}\n`).join(''))
    return 0
  }
  if (flags.bool('services')) {
    await session.stdout.write(`${[...new Set(containers.map(serviceOf))].join('\n')}\n`)
    return 0
  }
  const format = flags.string('format')
  const rows = await Promise.all(containers.map((container) => rowOf(context, container)))
  const type = rowType(!flags.bool('no-trunc'), now())
  await writeRows(session.stdout, format === '' || format === 'table' ? TABLE : format, type, rows)
  return 0
}
