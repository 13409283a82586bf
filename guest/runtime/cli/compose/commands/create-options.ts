/** Flags that `up`, `create` and `run` share, applied to the project. */
import { CliError } from '../../shared/cli-error.ts'
import type { ComposeContext } from '../context.ts'
import { PLAIN_BUILD, type BuildOptions } from '../engine/build.ts'
import type { CreateOptions } from '../engine/create.ts'
import { getService, type Project } from '../model/project.ts'
import type { Service } from '../model/types.ts'

const POLICIES = ['always', 'never', 'build', 'missing', 'if_not_present']

export const timeoutOf = ({ flags }: ComposeContext): number | undefined =>
  flags.changed('timeout') ? flags.number('timeout') : undefined

/** Go's strconv.Atoi. */
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

/** Changes the project's services. @throws CliError */
export function applyCreateFlags({ flags }: ComposeContext, project: Project): void {
  const policy = flags.string('pull')
  if (flags.changed('pull') && !POLICIES.includes(policy))
    throw new CliError(`invalid --pull option ${JSON.stringify(policy)}`)
  for (const [name, service] of Object.entries(project.services)) {
    const changed: Service = { ...service }
    if (flags.changed('pull')) changed.pull_policy = policy
    if (flags.bool('build') && service.build !== undefined) changed.pull_policy = 'build'
    project.services[name] = changed
  }
  for (const entry of flags.list('scale')) {
    const [name, count, ...more] = entry.split('=')
    if (count === undefined || more.length > 0)
      throw new CliError(`invalid --scale option ${JSON.stringify(entry)}. Should be SERVICE=NUM`)
    setScale(project, name!, parseCount(count))
  }
}

export function checkCreateFlags({ flags }: ComposeContext): void {
  const incompatible = (a: string, b: string): void => {
    if (flags.bool(a) && flags.bool(b)) throw new CliError(`--${a} and --${b} are incompatible`)
  }
  incompatible('build', 'no-build')
  incompatible('force-recreate', 'no-recreate')
  incompatible('always-recreate-deps', 'no-recreate')
}

export function buildOptions({ flags }: ComposeContext): BuildOptions | undefined {
  return flags.bool('no-build') ? undefined : { ...PLAIN_BUILD, quiet: flags.bool('quiet-pull') }
}

export const isTrueText = (text: string | undefined): boolean =>
  ['1', 't', 'true', 'y', 'yes'].includes((text ?? '').toLowerCase())

/** @throws CliError when orphans are to be both removed and ignored */
export function createOptions(context: ComposeContext, project: Project): CreateOptions {
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
    recreateDependencies: never ? 'never' : flags.bool('always-recreate-deps') ? 'force' : 'diverged',
    inherit: !flags.bool('renew-anon-volumes'),
    timeout: timeoutOf(context),
  }
}
