/** Stops services, dependents first. */
import type { ComposeContext } from '../../context.ts'
import { serviceNames, type Project } from '../../model/project.ts'
import { isNotOneOff, isOf, listContainers } from '../containers.ts'
import { allOrFirstFailure, inDependencyOrder } from './dependency-order.ts'
import type { Progress } from '../output/progress-events.ts'
import { projectWithResources } from '../project-from-containers.ts'
import { stopContainer, type StopOptions } from './stop.ts'

export interface StopProjectOptions extends StopOptions {
  project: Project | undefined
  services: readonly string[]
}

export async function stopProject(
  context: ComposeContext,
  progress: Progress,
  name: string,
  { project: given, services, timeout }: StopProjectOptions,
): Promise<void> {
  const { api } = context
  const containers = await listContainers(api, name, { oneOff: 'exclude', all: true })
  const project = given ?? (await projectWithResources(api, containers, name))
  const selected = services.length === 0 ? serviceNames(project) : services
  await inDependencyOrder(
    project.services,
    async (service) => {
      if (!selected.includes(service)) return
      const own = containers.filter(isOf([service])).filter(isNotOneOff)
      await allOrFirstFailure(
        own.map((container) => stopContainer(context, progress, container, { timeout })),
      )
    },
    { reverse: true },
  )
}
