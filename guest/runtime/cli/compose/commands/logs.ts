/** `docker compose logs`. */
import type { ContainerSummary } from '../../../../protocol/api/engine-api.ts'
import { CliError } from '../../shared/cli-error.ts'
import { timestamp } from '../../shared/format/durations.ts'
import { projectOrName, type ComposeContext } from '../context.ts'
import {
  byContainerName,
  isOf,
  listContainers,
  nameWithoutProject,
  oneContainer,
} from '../engine/containers.ts'
import { allOrFirstFailure } from '../engine/lifecycle/dependency-order.ts'
import { LogConsumer, linesOfBody } from '../engine/output/log-lines.ts'
import { watchContainers } from '../engine/lifecycle/watch-containers.ts'
import { serviceNames } from '../model/project.ts'
import type { ComposeFlags } from '../flags.ts'

interface LogQuery {
  since: string | undefined
  tail: string
}

async function showLogs(
  { api, flags, now }: ComposeContext<ComposeFlags['logs']>,
  consumer: LogConsumer,
  container: ContainerSummary,
  { since, tail }: LogQuery,
): Promise<void> {
  const { Id } = container
  const { Config } = await api.json('GET', `/containers/${Id}/json`)
  const flag = (name: 'follow' | 'timestamps'): number | undefined => (flags.bool(name) ? 1 : undefined)
  const query = {
    ...{ stdout: 1, stderr: 1, since, tail, until: timestamp(flags.string('until'), now()) },
    ...{ follow: flag('follow'), timestamps: flag('timestamps') },
  }
  const { body } = await api.send('GET', `/containers/${Id}/logs`, { query })
  const name = nameWithoutProject(container)
  await linesOfBody(body, Config.Tty, (line) => consumer.log(name, line))
}

async function selected(
  context: ComposeContext<ComposeFlags['logs']>,
  services: readonly string[],
  name: string,
) {
  const { api, flags } = context
  const index = flags.number('index')
  if (index > 0) return [await oneContainer(api, name, services[0]!, { oneOff: 'exclude', all: true, index })]
  const containers = await listContainers(api, name, { oneOff: 'exclude', all: true, services })
  return containers.sort(byContainerName)
}

export async function logs(context: ComposeContext<ComposeFlags['logs']>): Promise<number> {
  const { flags, args, now } = context
  if (flags.number('index') > 0 && args.length !== 1)
    throw new CliError('--index requires one service to be selected')
  const { name, project } = await projectOrName(context, args)
  const services =
    project !== undefined && args.length === 0
      ? serviceNames(project).filter((service) => project.services[service]!.attach !== false)
      : args
  const containers = (await selected(context, services, name)).filter(
    (container) => services.length === 0 || isOf(services)(container),
  )
  const consumer = new LogConsumer(context, {
    colour: !flags.bool('no-color'),
    prefixes: !flags.bool('no-log-prefix'),
  })
  for (const container of containers) consumer.register(nameWithoutProject(container))
  const query = { since: timestamp(flags.string('since'), now()), tail: flags.string('tail') }
  if (flags.bool('follow')) await follow(context, consumer, name, services, containers, query)
  else for (const container of containers) await showLogs(context, consumer, container, query)
  return 0
}

/** Follows the containers until all have ended; one that starts meanwhile joins them. */
async function follow(
  context: ComposeContext<ComposeFlags['logs']>,
  consumer: LogConsumer,
  project: string,
  services: readonly string[],
  containers: readonly ContainerSummary[],
  query: LogQuery,
): Promise<void> {
  const running = containers.filter(({ State }) => State === 'running')
  const joined: Promise<void>[] = []
  const watch = await watchContainers(context, project, services, running, {
    onEnd: ({ name, exitCode }) => consumer.status(name, `exited with code ${exitCode}`),
    onStart: (container) => {
      const since = String(context.now() / 1000)
      joined.push(showLogs(context, consumer, container, { since, tail: 'all' }))
      return Promise.resolve()
    },
  })
  try {
    await allOrFirstFailure(containers.map((container) => showLogs(context, consumer, container, query)))
    await watch.finished
    await allOrFirstFailure(joined)
  } finally {
    watch.stop()
  }
}
