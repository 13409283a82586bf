/** Starts the containers of a project in the order of dependencies. */
import type { ContainerSummary } from '../../../../../protocol/api/engine-api.ts'
import { CliError } from '../../../shared/cli-error.ts'
import type { ComposeContext } from '../../context.ts'
import { scaleOf, type Project } from '../../model/project.ts'
import type { Dependency, Service } from '../../model/types.ts'
import { isOf, listContainers } from '../containers.ts'
import { progressName } from '../create/converge.ts'
import { inDependencyOrder } from './dependency-order.ts'
import { done, working, type Progress } from '../output/progress-events.ts'
import { waitForDependencies } from './wait-dependencies.ts'

export interface StartOptions {
  wait: boolean
  /** Seconds to wait; 0 waits without limit. */
  waitTimeout: number
}

const isAwaited = (project: Project, name: string): boolean =>
  Object.values(project.services).some(({ depends_on: on }) => on?.[name]?.condition === 'service_healthy')

async function startService(
  context: ComposeContext,
  progress: Progress,
  project: Project,
  name: string,
  containers: readonly ContainerSummary[],
  wait: boolean,
): Promise<void> {
  const service = project.services[name]!
  if (service.deploy?.replicas === 0) return
  const waiting = { context, progress, project, dependant: name, containers }
  await waitForDependencies(waiting, service.depends_on ?? {})
  if (containers.length === 0) {
    if (scaleOf(service) === 0) return
    throw new CliError(`service "${name}" has no container to start`)
  }
  for (const container of containers.filter(isOf([name]))) {
    if (container.State === 'running') continue
    const event = progressName(container)
    progress.event(working(event, 'Starting'))
    await context.api.run('POST', `/containers/${container.Id}/start`)
    const more = wait || isAwaited(project, name)
    progress.event(more ? working(event, 'Started') : done(event, 'Started'))
  }
}

export async function startProject(
  context: ComposeContext,
  progress: Progress,
  project: Project,
  { wait, waitTimeout }: StartOptions = { wait: false, waitTimeout: 0 },
): Promise<void> {
  const containers = await listContainers(context.api, project.name, { oneOff: 'exclude', all: true })
  await inDependencyOrder(project.services, (name) =>
    startService(context, progress, project, name, containers, wait),
  )
  if (wait) await waitForProject(context, progress, project, containers, waitTimeout)
}

/** A service of which others await only the end counts as ready once it has ended. */
function awaitedCondition(project: Project, name: string): Dependency['condition'] {
  const ends = Object.values(project.services).some(
    ({ depends_on: on }: Service) => on?.[name]?.condition === 'service_completed_successfully',
  )
  return ends ? 'service_completed_successfully' : 'running_or_healthy'
}

async function waitForProject(
  context: ComposeContext,
  progress: Progress,
  project: Project,
  containers: readonly ContainerSummary[],
  seconds: number,
): Promise<void> {
  const all = Object.keys(project.services).map((name): [string, Dependency] => [
    name,
    { condition: awaitedCondition(project, name), required: true },
  ])
  const { ended } = context.session
  const timeout = seconds > 0 ? AbortSignal.timeout(seconds * 1000) : undefined
  const signal = timeout === undefined ? ended : AbortSignal.any([ended, timeout])
  const waiting = { context, progress, project, dependant: project.name, containers, signal }
  try {
    await waitForDependencies(waiting, Object.fromEntries(all))
  } catch (error) {
    if (timeout?.aborted === true) throw new CliError(`application not healthy after ${seconds}s`)
    throw error
  }
}
