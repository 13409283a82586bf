/** `docker compose up`. */
import { CliError } from '../../shared/cli-error.ts'
import { toProject, type ComposeContext } from '../context.ts'
import { createProject, type CreateOptions } from '../engine/create/create.ts'
import { followOutput } from '../engine/output/follow-output.ts'
import { LogConsumer } from '../engine/output/log-lines.ts'
import { withProgress } from '../engine/output/progress.ts'
import { startProject } from '../engine/lifecycle/start.ts'
import { reachableServices, serviceNames, withSelectedServices, type Project } from '../model/project.ts'
import {
  applyCreateFlags,
  checkCreateFlags,
  createOptions,
  refuseTogether,
  timeoutOf,
} from './create-options.ts'
import type { ComposeFlags } from '../flags.ts'

const abortsOnExit = ({ flags }: ComposeContext<ComposeFlags['up']>): boolean =>
  flags.bool('abort-on-container-exit') || flags.string('exit-code-from') !== ''

const isDetached = ({ flags }: ComposeContext<ComposeFlags['up']>): boolean =>
  flags.bool('detach') || flags.bool('wait')

function checkFlags(context: ComposeContext<ComposeFlags['up']>): void {
  const { flags } = context
  const attached =
    abortsOnExit(context) || flags.bool('attach-dependencies') || flags.list('attach').length > 0
  const conflict = (flag: string): never => {
    throw new CliError(
      `--${flag} cannot be combined with --abort-on-container-exit, --attach or --attach-dependencies`,
    )
  }
  if (flags.bool('wait') && attached) conflict('wait')
  if (flags.bool('build') && flags.bool('no-build'))
    throw new CliError('--build and --no-build are incompatible')
  if (flags.bool('detach') && attached) conflict('detach')
  checkCreateFlags(context)
  refuseTogether({
    'always-recreate-deps': flags.bool('always-recreate-deps'),
    'no-recreate': flags.bool('no-recreate'),
  })
}

/** The options of `create`, and those that `up` alone has. */
function optionsOf(context: ComposeContext<ComposeFlags['up']>, project: Project): CreateOptions {
  const { flags } = context
  const options = createOptions(context, project)
  const forced = flags.bool('always-recreate-deps') && options.recreateDependencies !== 'never'
  return {
    ...options,
    ...(forced && { recreateDependencies: 'force' }),
    inherit: !flags.bool('renew-anon-volumes'),
    timeout: timeoutOf(context),
  }
}

/** The services whose output is shown. @throws CliError for a name that isn't a service of the project */
function attachedServices({ flags, args }: ComposeContext<ComposeFlags['up']>, project: Project): string[] {
  const asked = flags.list('attach')
  const unknown = asked.filter((name) => !(name in project.services))
  if (unknown.length > 0)
    throw new CliError(`cannot attach to services not included in up: ${unknown.join(', ')}`)
  const policy = flags.bool('attach-dependencies') ? 'dependencies' : 'none'
  const usual = reachableServices(project, args, policy).filter(
    (name) => project.services[name]!.attach !== false,
  )
  const without = flags.list('no-attach')
  return (asked.length > 0 ? asked : usual).filter((name) => !without.includes(name))
}

export async function up(context: ComposeContext<ComposeFlags['up']>): Promise<number> {
  const { flags, args } = context
  checkFlags(context)
  let project = await toProject(context, args)
  if (flags.list('attach').length > 0 && flags.bool('attach-dependencies'))
    throw new CliError('cannot combine --attach and --attach-dependencies')
  if (serviceNames(project).length === 0) throw new CliError('no service selected')
  applyCreateFlags(context, project)
  if (flags.bool('no-deps')) project = withSelectedServices(project, args, 'none')
  const options = optionsOf(context, project)
  const attachTo = isDetached(context) ? [] : attachedServices(context, project)
  const attached = !isDetached(context) && !flags.bool('no-start')
  await withProgress(context, flags.bool('no-start') ? 'Creating' : 'Running', async (progress) => {
    await createProject(context, project, options, progress, attached)
    if (attached || flags.bool('no-start')) return
    progress.hasMore(false)
    const waiting = { wait: flags.bool('wait'), waitTimeout: flags.number('wait-timeout') }
    await startProject(context, progress, project, waiting)
  })
  if (!attached) return 0
  const consumer = new LogConsumer(context, {
    colour: !flags.bool('no-color'),
    prefixes: !flags.bool('no-log-prefix'),
    timestamps: flags.bool('timestamps'),
  })
  return followOutput(
    context,
    project,
    {
      ...{ attachTo, services: args, abortOnExit: abortsOnExit(context) },
      ...{ exitCodeFrom: flags.string('exit-code-from'), timeout: options.timeout },
    },
    consumer,
  )
}
