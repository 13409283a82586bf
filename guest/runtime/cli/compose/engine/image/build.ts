/** Builds the images of services with `docker build`. */
import { posix } from 'node:path'
import { Mutex } from '../../../../../vocabulary/mutex.ts'
import { CliError } from '../../../shared/cli-error.ts'
import { runDockerCommand, type ComposeContext } from '../../context.ts'
import { EXIT } from '../../model/compose-error.ts'
import { reachableServices, type Project } from '../../model/project.ts'
import type { Environment, Service } from '../../model/types.ts'
import { COMPOSE_VERSION } from '../../version.ts'
import { inDependencyOrder } from '../lifecycle/dependency-order.ts'
import { imageName } from './image-name.ts'
import { inspectImage } from './inspect-image.ts'
import { LABEL } from '../labels.ts'

export interface BuildOptions {
  services: readonly string[]
  pull: boolean
  noCache: boolean
  quiet: boolean
  /** Also builds the services that these depend on. */
  dependencies: boolean
  /** `--build-arg`. */
  arguments: Environment
  /** Bytes; 0: no limit. */
  memory: number
}

export const PLAIN_BUILD: BuildOptions = {
  ...{
    services: [],
    pull: false,
    noCache: false,
    quiet: false,
    dependencies: false,
    arguments: {},
    memory: 0,
  },
}

const each = (flag: string, values: readonly string[]): string[] => values.flatMap((value) => [flag, value])

const when = (wanted: boolean, ...words: string[]): string[] => (wanted ? words : [])

/** `NAME=value` of each argument; one without a value takes the caller's, and is left out when there is none. */
function buildArguments(
  project: Project,
  build: NonNullable<Service['build']>,
  given: Environment,
): string[] {
  return Object.entries({ ...build.args, ...given }).flatMap(([name, value]) => {
    const text = value ?? project.environment[name]
    return text === undefined ? [] : [`${name}=${text}`]
  })
}

/** The words of `docker build` for a service. @throws CliError for what the builder doesn't have */
export function buildWords(project: Project, name: string, options: BuildOptions): string[] {
  const build = project.services[name]!.build!
  const context = build.context ?? '.'
  if (build.dockerfile_inline !== undefined)
    throw new CliError(
      `service ${JSON.stringify(name)}: dockerfile_inline needs BuildKit, which is not there`,
      EXIT.build,
    )
  if (build.additional_contexts !== undefined)
    throw new CliError(`this feature requires additional_contexts, which needs BuildKit`, EXIT.build)
  const dockerfile = posix.resolve(context, build.dockerfile ?? 'Dockerfile')
  const labels = {
    ...build.labels,
    [LABEL.project]: project.name,
    [LABEL.service]: name,
    [LABEL.version]: COMPOSE_VERSION,
  }
  return [
    ...each('--tag', [imageName(project, name), ...(build.tags ?? [])]),
    ...['--file', dockerfile],
    ...each('--build-arg', buildArguments(project, build, options.arguments)),
    ...each(
      '--label',
      Object.entries(labels).map(([key, value]) => `${key}=${value}`),
    ),
    ...each('--cache-from', build.cache_from ?? []),
    ...each(
      '--add-host',
      (build.extra_hosts ?? []).map((host) => host.replace('=', ':')),
    ),
    ...when(build.target !== undefined, '--target', build.target ?? ''),
    ...when(build.network !== undefined, '--network', build.network ?? ''),
    ...when(build.shm_size !== undefined, '--shm-size', build.shm_size ?? ''),
    ...when(options.pull || build.pull === true, '--pull'),
    ...when(options.noCache || build.no_cache === true, '--no-cache'),
    ...when(options.quiet, '--quiet'),
    ...when(options.memory > 0, '--memory', String(options.memory)),
    context,
  ]
}

/** @param present images that are there already. @returns name → id of what was built. @throws CliError 17 */
export async function buildServices(
  context: ComposeContext,
  project: Project,
  options: BuildOptions,
  present: ReadonlyMap<string, string>,
): Promise<Map<string, string>> {
  const policy = options.dependencies ? 'dependencies' : 'none'
  const selected = reachableServices(project, options.services, policy).filter((name) => {
    const { build, pull_policy: pull } = project.services[name]!
    return build !== undefined && (pull === 'build' || !present.has(imageName(project, name)))
  })
  const built = new Map<string, string>()
  // Services are built one at a time, as their output would mix otherwise.
  const builder = new Mutex()
  await inDependencyOrder(project.services, async (name) => {
    if (selected.includes(name)) await builder.run(() => buildOne(context, project, name, options, built))
  })
  return built
}

async function buildOne(
  context: ComposeContext,
  project: Project,
  name: string,
  options: BuildOptions,
  built: Map<string, string>,
): Promise<void> {
  let code: number
  try {
    code = await runDockerCommand(context, 'build', buildWords(project, name, options))
  } catch (error) {
    throw error instanceof CliError ? new CliError(error.message, EXIT.build) : error
  }
  if (code !== 0) throw new CliError('', EXIT.build)
  const image = imageName(project, name)
  const id = (await inspectImage(context.api, image))?.Id
  if (id !== undefined) built.set(image, id)
}
