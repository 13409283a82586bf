/** `docker compose run`: one container of a service for one command. */
import { randomBytes } from 'node:crypto'
import { detachKeysOf } from '../../shared/client-config.ts'
import { CliError } from '../../shared/cli-error.ts'
import { attachStream } from '../../docker/container/attach-stream.ts'
import { bridge } from '../../shared/stream/bridge.ts'
import { checkTerminal } from '../../shared/stream/check-terminal.ts'
import { waitForExit } from '../../shared/stream/exit-status.ts'
import { proxySignals } from '../../shared/stream/signal-proxy.ts'
import { followTerminalSize } from '../../shared/stream/terminal-size.ts'
import { toProject, type ComposeContext } from '../context.ts'
import { PLAIN_BUILD } from '../engine/image/build.ts'
import { listContainers } from '../engine/containers.ts'
import { Convergence } from '../engine/create/converge.ts'
import { createProject } from '../engine/create/create.ts'
import { createServiceContainer } from '../engine/create/create-container.ts'
import { ensureImages } from '../engine/image/images.ts'
import { LABEL } from '../engine/labels.ts'
import { SILENT, withProgress } from '../engine/output/progress.ts'
import { startProject } from '../engine/lifecycle/start.ts'
import { waitForDependencies } from '../engine/lifecycle/wait-dependencies.ts'
import { parsePort } from '../model/canonical.ts'
import { ModelError } from '../model/compose-error.ts'
import { parseVolume } from '../model/parse-volume.ts'
import { getService, withSelectedServices, type Project } from '../model/project.ts'
import { shellWords } from '../model/shellwords.ts'
import type { Service } from '../model/types.ts'
import { applyBuildFlag, isTrueText } from './create-options.ts'
import { wantsTerminal } from './exec.ts'
import type { ComposeFlags } from '../flags.ts'

const without = (list: readonly string[] = [], gone: readonly string[]): string[] =>
  list.filter((item) => !gone.includes(item))

function labelsOf({ flags }: ComposeContext<ComposeFlags['run']>): Record<string, string> {
  return Object.fromEntries(
    flags.list('label').map((entry) => {
      const at = entry.indexOf('=')
      if (at < 0) throw new CliError('label must be set as KEY=VALUE')
      return [entry.slice(0, at), entry.slice(at + 1)]
    }),
  )
}

/** Reads `-e`: a name without a value takes the project's variable, or is left out when there is none. */
function environmentOf(
  { flags }: ComposeContext<ComposeFlags['run']>,
  project: Project,
): Record<string, string> {
  const pairs = flags.list('env').flatMap((entry): [string, string][] => {
    const at = entry.indexOf('=')
    if (at >= 0) return [[entry.slice(0, at), entry.slice(at + 1)]]
    const value = project.environment[entry]
    return value === undefined ? [] : [[entry, value]]
  })
  return Object.fromEntries(pairs)
}

function commandOf(
  { flags, args }: ComposeContext<ComposeFlags['run']>,
  service: Service,
): Pick<Service, 'command' | 'entrypoint'> {
  const command = args.length > 1 ? args.slice(1) : service.command
  if (!flags.changed('entrypoint')) return { command, entrypoint: service.entrypoint }
  const entrypoint = words(flags.string('entrypoint'))
  return { entrypoint, command: args.length > 1 ? command : [] }
}

function words(text: string): string[] {
  try {
    return shellWords(text)
  } catch (error) {
    throw new ModelError((error as Error).message, 1)
  }
}

/** The service with this run's flags applied. */
function serviceToRun(context: ComposeContext<ComposeFlags['run']>, project: Project): Service {
  const { flags, args } = context
  const service = getService(project, args[0]!)
  const [capAdd, capDrop] = [flags.list('cap-add'), flags.list('cap-drop')]
  const { restart: _restart, deploy, ...rest } = service
  const run: Service = {
    ...rest,
    ...commandOf(context, service),
    scale: 1,
    tty: wantsTerminal(context),
    stdin_open: flags.bool('interactive'),
    cap_add: [...without(service.cap_add, capDrop), ...capAdd],
    cap_drop: [...without(service.cap_drop, capAdd), ...capDrop],
    environment: { ...service.environment, ...environmentOf(context, project) },
    labels: { ...service.labels, ...labelsOf(context) },
    volumes: [...(service.volumes ?? []), ...flags.list('volume').map(parseVolume)],
  }
  if (deploy !== undefined) run.deploy = { ...deploy, restart_policy: undefined } as Service['deploy']
  if (!flags.bool('service-ports')) run.ports = flags.list('publish').flatMap(parsePort)
  if (flags.string('user') !== '') run.user = flags.string('user')
  if (flags.string('workdir') !== '') run.working_dir = flags.string('workdir')
  return run
}

/** Creates and starts the other services of the project. */
async function startDependencies(
  context: ComposeContext<ComposeFlags['run']>,
  project: Project,
): Promise<void> {
  const { flags, args } = context
  const { [args[0]!]: own, ...services } = project.services
  const rest: Project = { ...project, services, disabled: { ...project.disabled, [args[0]!]: own! } }
  await withProgress(context, 'Running', async (progress) => {
    await createProject(
      context,
      rest,
      {
        ...{
          services: [],
          build: PLAIN_BUILD,
          removeOrphans: flags.bool('remove-orphans'),
          ignoreOrphans: isTrueText(project.environment.COMPOSE_IGNORE_ORPHANS),
        },
        ...{ quietPull: flags.bool('quiet-pull'), recreate: 'diverged', recreateDependencies: 'diverged' },
        ...{ inherit: true, timeout: undefined },
      },
      progress,
    )
    if (Object.keys(services).length > 0) await startProject(context, progress, rest)
  })
}

/** @returns the id of the new container */
async function createOneOff(
  context: ComposeContext<ComposeFlags['run']>,
  project: Project,
  service: Service,
): Promise<string> {
  const { api, flags, args } = context
  const name = args[0]!
  const slug = randomBytes(32).toString('hex')
  const containerName = flags.string('name') || `${project.name}-${name}-run-${slug.slice(0, 12)}`
  // Compose shows progress of what the container needs, but not of the container itself.
  const progress = SILENT
  await ensureImages(context, project, PLAIN_BUILD, flags.bool('quiet-pull'))
  const observed = await listContainers(api, project.name, { oneOff: 'include', all: true })
  if (!flags.bool('no-deps')) {
    const waiting = { context, progress, project, dependant: name, containers: observed }
    await waitForDependencies(waiting, service.depends_on ?? {})
  }
  const convergence = new Convergence(context, project, progress, observed)
  const resolved = convergence.resolveReferences({ ...service, container_name: containerName })
  const { Id } = await createServiceContainer(context, progress, {
    ...{ project, name, service: resolved, containerName, number: 1 },
    autoRemove: flags.bool('rm'),
    attachStdin: flags.bool('interactive') && !flags.bool('detach'),
    networkAliases: flags.bool('use-aliases'),
    labels: { [LABEL.slug]: slug, [LABEL.oneOff]: 'True' },
  })
  return Id
}

export async function run(context: ComposeContext<ComposeFlags['run']>): Promise<number> {
  const { api, flags, args, session } = context
  if (flags.list('publish').length > 0 && flags.bool('service-ports'))
    throw new CliError('--service-ports and --publish are incompatible')
  if (flags.changed('tty') && flags.changed('no-TTY'))
    throw new CliError("--tty and --no-TTY can't be used together")
  let project = await toProject(context, [args[0]!])
  if (flags.bool('no-deps')) project = withSelectedServices(project, [args[0]!], 'none')
  applyBuildFlag(context, project)
  const service = serviceToRun(context, project)
  project.services[args[0]!] = service
  const detached = flags.bool('detach')
  if (!detached) checkTerminal(session, flags.bool('interactive'), service.tty === true)
  await startDependencies(context, project)
  const id = await createOneOff(context, project, service)
  if (!detached) return runAttached(context, id, service)
  await api.run('POST', `/containers/${id}/start`)
  await session.stdout.write(`${id}\n`)
  return 0
}

async function runAttached(
  context: ComposeContext<ComposeFlags['run']>,
  id: string,
  service: Service,
): Promise<number> {
  const { api, flags, session } = context
  const tty = service.tty === true
  const streams = { stdin: flags.bool('interactive'), stdout: true, stderr: true }
  const detachKeys = await detachKeysOf(context, '')
  const { stream, direct } = await attachStream(session, api, id, streams, detachKeys)
  const wait = await waitForExit(session, api, id, flags.bool('rm'))
  const output = bridge(session, { stream, direct, tty, detachKeys, ...streams })
  // The failure is handled below; until then it must not count as unhandled.
  output.catch(() => undefined)
  const stopProxy = tty ? undefined : proxySignals(session, api, id)
  try {
    await api.run('POST', `/containers/${id}/start`)
    const stopSize =
      tty && session.stdout.isTerminal ? followTerminalSize(session, api, `/containers/${id}`) : undefined
    const end = await output.finally(() => stopSize?.())
    return end === 'detached' ? 0 : await wait.exitCode
  } catch (error) {
    stream.reset('the container did not start')
    throw error
  } finally {
    stopProxy?.()
  }
}
