/** Makes everything that `up`, `create`, `run` and `scale` need: images, networks, volumes, containers; removes orphans. */
import type { ComposeContext } from '../../context.ts'
import { serviceNames, type Project } from '../../model/project.ts'
import type { BuildOptions } from '../image/build.ts'
import { containerName, isOf, listContainers } from '../containers.ts'
import { Convergence, type ConvergeOptions } from './converge.ts'
import { ensureImages } from '../image/images.ts'
import type { Progress } from '../output/progress-events.ts'
import { ensureNetworks, ensureVolumes } from './resources.ts'
import { removeAll } from '../lifecycle/stop.ts'

export interface CreateOptions extends ConvergeOptions {
  /** Nothing is built when undefined. */
  build: BuildOptions | undefined
  removeOrphans: boolean
  ignoreOrphans: boolean
  quietPull: boolean
}

/** @param attached the caller goes on to show the output, so the progress of what is created isn't final */
export async function createProject(
  context: ComposeContext,
  project: Project,
  options: CreateOptions,
  progress: Progress,
  attached = false,
): Promise<void> {
  const { api, warn } = context
  const services = options.services.length === 0 ? serviceNames(project) : options.services
  const observed = await listContainers(api, project.name, { oneOff: 'include', all: true })
  await ensureImages(context, project, options.build, options.quietPull)
  const tools = { api, progress, warn }
  await ensureNetworks(project, tools)
  await ensureVolumes(project, tools)
  const known = [...serviceNames(project), ...Object.keys(project.disabled)]
  const orphans = observed.filter((container) => !isOf(known)(container))
  if (orphans.length > 0 && !options.ignoreOrphans) {
    if (options.removeOrphans) await removeAll(context, progress, orphans, { timeout: undefined }, false)
    else
      warn(
        `Found orphan containers ([${orphans.map(containerName).join(' ')}]) for this project. If you removed or renamed this service in your compose file, you can run this command with the --remove-orphans flag to clean it up.`,
      )
  }
  if (attached) progress.hasMore(true)
  await new Convergence(context, project, progress, observed).apply({ ...options, services })
}
