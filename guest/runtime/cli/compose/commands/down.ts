/** `docker compose down`. */
import type { ContainerSummary } from '../../../../protocol/api/engine-api.ts'
import { CliError } from '../../shared/cli-error.ts'
import { projectOrName, type ComposeContext } from '../context.ts'
import { isOf, listContainers } from '../engine/containers.ts'
import { inDependencyOrder } from '../engine/lifecycle/dependency-order.ts'
import { imagesToRemove } from '../engine/image/project-images.ts'
import type { Progress } from '../engine/output/progress-events.ts'
import { withProgress } from '../engine/output/progress.ts'
import { projectWithResources } from '../engine/project-from-containers.ts'
import { removeNetworks, removeVolumes, removing } from '../engine/create/resources.ts'
import { removeAll } from '../engine/lifecycle/stop.ts'
import { getService, serviceNames, type Project } from '../model/project.ts'
import { isTrueText, timeoutOf } from './create-options.ts'
import type { ComposeFlags } from '../flags.ts'

interface DownOptions {
  removeOrphans: boolean
  volumes: boolean
  /** `--rmi`. */
  images: '' | 'all' | 'local'
  services: readonly string[]
  timeout: number | undefined
}

function optionsOf(context: ComposeContext<ComposeFlags['down']>): DownOptions {
  const { flags, args, session } = context
  const images = flags.string('rmi')
  if (images !== '' && images !== 'all' && images !== 'local')
    throw new CliError(`invalid value for --rmi: ${JSON.stringify(images)}`)
  return {
    removeOrphans: flags.bool('remove-orphans') || isTrueText(session.env.COMPOSE_REMOVE_ORPHANS),
    volumes: flags.bool('volumes'),
    images,
    services: args,
    timeout: timeoutOf(context),
  }
}

export async function down(context: ComposeContext<ComposeFlags['down']>): Promise<number> {
  const options = optionsOf(context)
  const { name, project } = await projectOrName(context, context.args)
  await withProgress(context, 'Running', (progress) => takeDown(context, progress, name, project, options))
  return 0
}

/** @param given the project from the files; without it, the labels of the containers describe one */
export async function takeDown(
  context: ComposeContext,
  progress: Progress,
  name: string,
  given: Project | undefined,
  options: DownOptions,
): Promise<void> {
  const { api } = context
  const oneOff = options.removeOrphans ? 'include' : 'exclude'
  const containers = await listContainers(api, name, { oneOff, all: true })
  const project = given ?? (await projectWithResources(api, containers, name))
  if (given !== undefined) for (const service of options.services) getService(given, service)
  await removeContainers(context, progress, project, containers, options)
  const tools = { api, progress, warn: context.warn }
  const own = Object.values({ ...project.networks }).some(({ external }) => external !== true)
  const images = options.images === '' ? [] : await imagesToRemove(context, project, options.images)
  const volumes = options.volumes && Object.values(project.volumes).some(({ external }) => external !== true)
  if (containers.length === 0 && !own && images.length === 0 && !volumes) {
    await context.session.stderr.write(`Warning: No resource found to remove for project "${name}".\n`)
  }
  await Promise.all([
    removeNetworks(project, tools),
    ...images.map((image) =>
      removing(`Image ${image}`, progress, () => api.run('DELETE', `/images/${image}`)),
    ),
    ...(options.volumes ? [removeVolumes(project, tools)] : []),
  ])
}

async function removeContainers(
  context: ComposeContext,
  progress: Progress,
  project: Project,
  containers: readonly ContainerSummary[],
  { services, removeOrphans, volumes, timeout }: DownOptions,
): Promise<void> {
  // Taking a service down also takes down the services that depend on it.
  const wanted = services.length === 0 ? serviceNames(project) : withDependents(project, services)
  await inDependencyOrder(
    project.services,
    (service) => {
      const own = wanted.includes(service) ? containers.filter(isOf([service])) : []
      return removeAll(context, progress, own, { timeout }, volumes)
    },
    { reverse: true },
  )
  const known = [...serviceNames(project), ...Object.keys(project.disabled)]
  const orphans = containers.filter((container) => !isOf(known)(container))
  if (removeOrphans) await removeAll(context, progress, orphans, { timeout }, false)
}

function withDependents(project: Project, services: readonly string[]): string[] {
  const found = new Set(services)
  for (let before = -1; before !== found.size;) {
    before = found.size
    for (const [name, { depends_on: on = {} }] of Object.entries(project.services))
      if (Object.keys(on).some((other) => found.has(other))) found.add(name)
  }
  return [...found]
}
