/** Flags that `up`, `create` and `run` share, applied to the project. */
import { CliError } from '../../shared/cli-error.ts'
import type { ComposeContext } from '../context.ts'
import { PLAIN_BUILD, type BuildOptions } from '../engine/image/build.ts'
import type { CreateOptions } from '../engine/create/create.ts'
import type { ComposeFlags } from '../flags.ts'
import { getService, type Project } from '../model/project.ts'

const POLICIES = ['always', 'never', 'build', 'missing', 'if_not_present']

export const timeoutOf = ({ flags }: ComposeContext<{ timeout: 'int' }>): number | undefined =>
  flags.changed('timeout') ? flags.number('timeout') : undefined

/** Reads a count as Go's strconv.Atoi does. */
export function parseCount(text: string): number {
  if (!/^[+-]?\d+$/.test(text))
    throw new CliError(`strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax`)
  return Number(text)
}

export function setScale(project: Project, name: string, count: number): void {
  const service = getService(project, name)
  project.services[name] = {
    ...service,
    scale: count,
    ...(service.deploy !== undefined && { deploy: { ...service.deploy, replicas: count } }),
  }
}

/** Has the services built that can be built, as `--build` asks. */
export function applyBuildFlag({ flags }: ComposeContext<{ build: 'bool' }>, project: Project): void {
  if (!flags.bool('build')) return
  for (const [name, service] of Object.entries(project.services))
    if (service.build !== undefined) project.services[name] = { ...service, pull_policy: 'build' }
}

/** Changes the project's services. @throws CliError */
export function applyCreateFlags(context: ComposeContext<ComposeFlags['create']>, project: Project): void {
  const { flags } = context
  const policy = flags.string('pull')
  if (flags.changed('pull') && !POLICIES.includes(policy))
    throw new CliError(`invalid --pull option ${JSON.stringify(policy)}`)
  if (flags.changed('pull')) {
    for (const [name, service] of Object.entries(project.services))
      project.services[name] = { ...service, pull_policy: policy }
  }
  applyBuildFlag(context, project)
  for (const entry of flags.list('scale')) {
    const [name, count, ...more] = entry.split('=')
    if (count === undefined || more.length > 0)
      throw new CliError(`invalid --scale option ${JSON.stringify(entry)}. Should be SERVICE=NUM`)
    setScale(project, name!, parseCount(count))
  }
}

/** @param given flag → whether it is given. @throws CliError when all are */
export function refuseTogether(given: Readonly<Record<string, boolean>>): void {
  if (!Object.values(given).every(Boolean)) return
  const names = Object.keys(given).map((name) => `--${name}`)
  throw new CliError(`${names.join(' and ')} are incompatible`)
}

export function checkCreateFlags({ flags }: ComposeContext<ComposeFlags['create']>): void {
  refuseTogether({ build: flags.bool('build'), 'no-build': flags.bool('no-build') })
  refuseTogether({
    'force-recreate': flags.bool('force-recreate'),
    'no-recreate': flags.bool('no-recreate'),
  })
}

function buildOptions({ flags }: ComposeContext<ComposeFlags['create']>): BuildOptions | undefined {
  return flags.bool('no-build') ? undefined : { ...PLAIN_BUILD, quiet: flags.bool('quiet-pull') }
}

export const isTrueText = (text: string | undefined): boolean =>
  ['1', 't', 'true', 'y', 'yes'].includes((text ?? '').toLowerCase())

/** @throws CliError when orphans are to be both removed and ignored */
export function createOptions(
  context: ComposeContext<ComposeFlags['create']>,
  project: Project,
): CreateOptions {
  const { flags, args, session } = context
  const ignoreOrphans = isTrueText(project.environment.COMPOSE_IGNORE_ORPHANS)
  const removeOrphans = flags.bool('remove-orphans') || isTrueText(session.env.COMPOSE_REMOVE_ORPHANS)
  if (ignoreOrphans && removeOrphans)
    throw new CliError('cannot combine COMPOSE_IGNORE_ORPHANS and --remove-orphans')
  const never = flags.bool('no-recreate')
  return {
    services: args,
    build: buildOptions(context),
    removeOrphans,
    ignoreOrphans,
    quietPull: flags.bool('quiet-pull'),
    recreate: never ? 'never' : flags.bool('force-recreate') ? 'force' : 'diverged',
    recreateDependencies: never ? 'never' : 'diverged',
    inherit: true,
    timeout: undefined,
  }
}
