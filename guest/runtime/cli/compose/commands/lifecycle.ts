/** `docker compose start`, `stop`, `restart`, `kill`, `pause`, `unpause`, `rm`. */
import type { ContainerSummary } from '../../../../protocol/api/engine-api.ts'
import { confirm } from '../../shared/confirm.ts'
import { isNotFound } from '../../shared/api-error.ts'
import { projectOrName, type ComposeContext } from '../context.ts'
import { containerName, isOf, listContainers, type ContainerQuery } from '../engine/containers.ts'
import { progressName } from '../engine/create/converge.ts'
import { allOrFirstFailure, inDependencyOrder } from '../engine/lifecycle/dependency-order.ts'
import { done, failed, working, type Progress } from '../engine/output/progress-events.ts'
import { infoOutput, withProgress } from '../engine/output/progress.ts'
import { projectFromContainers, projectWithResources } from '../engine/project-from-containers.ts'
import { startProject } from '../engine/lifecycle/start.ts'
import { stopProject } from '../engine/lifecycle/stop-project.ts'
import type { ComposeFlags } from '../flags.ts'
import { serviceNames, withDependencies, withSelectedServices, type Project } from '../model/project.ts'
import { timeoutOf } from './create-options.ts'

export async function start(context: ComposeContext): Promise<number> {
  const { api, args } = context
  const { name, project: given } = await projectOrName(context, args)
  await withProgress(context, 'Running', async (progress) => {
    const containers =
      given === undefined ? await listContainers(api, name, { oneOff: 'exclude', all: true }) : []
    await startProject(context, progress, given ?? projectFromContainers(containers, name, args))
  })
  return 0
}

export async function stop(context: ComposeContext<ComposeFlags['stop']>): Promise<number> {
  const { name, project } = await projectOrName(context, context.args)
  await withProgress(context, 'Stopping', (progress) =>
    stopProject(context, progress, name, { project, services: context.args, timeout: timeoutOf(context) }),
  )
  return 0
}

/** Only dependencies with `restart: true` count: those restart with what they depend on. */
function restartOrder(project: Project, services: readonly string[], noDeps: boolean): Project {
  const narrowed = noDeps ? withSelectedServices(project, services, 'none') : project
  const kept = Object.entries(narrowed.services).map(([name, service]) => {
    const dependencies = Object.entries(service.depends_on ?? {}).filter(
      ([, { restart }]) => restart === true,
    )
    return [name, withDependencies(service, dependencies)] as const
  })
  return withSelectedServices({ ...narrowed, services: Object.fromEntries(kept) }, services, 'dependents')
}

export async function restart(context: ComposeContext<ComposeFlags['restart']>): Promise<number> {
  const { api, args, flags } = context
  const { name, project: given } = await projectOrName(context)
  await withProgress(context, 'Restarting', async (progress) => {
    const containers = await listContainers(api, name, { oneOff: 'exclude', all: true })
    const whole = given ?? (await projectWithResources(api, containers, name))
    const project = restartOrder(whole, args, flags.bool('no-deps'))
    await inDependencyOrder(project.services, async (service) => {
      const own = containers.filter(isOf([service]))
      await allOrFirstFailure(
        own.map(async (container) => {
          const event = progressName(container)
          progress.event(working(event, 'Restarting'))
          await api.run('POST', `/containers/${container.Id}/restart`, { query: { t: timeoutOf(context) } })
          progress.event(done(event, 'Started'))
        }),
      )
    })
  })
  return 0
}

/** The containers of the named services, or of all services of the project. */
async function selected(
  { api, args }: ComposeContext,
  name: string,
  project: Project | undefined,
  query: ContainerQuery,
): Promise<ContainerSummary[]> {
  const containers = await listContainers(api, name, { ...query, services: args })
  return project === undefined ? containers : containers.filter(isOf(serviceNames(project)))
}

export async function kill(context: ComposeContext<ComposeFlags['kill']>): Promise<number> {
  const { api, args, flags } = context
  const { name, project } = await projectOrName(context, args)
  const orphans = flags.bool('remove-orphans')
  await withProgress(context, 'Killing', async (progress) => {
    const containers = await selected(context, name, orphans ? undefined : project, {
      oneOff: 'include',
      all: false,
    })
    if (containers.length === 0) {
      await infoOutput(context).write('no container to kill')
      return
    }
    const query = { signal: flags.string('signal') }
    await allOrFirstFailure(
      containers.map(async (container) => {
        const event = progressName(container)
        progress.event(working(event, 'Killing'))
        try {
          await api.run('POST', `/containers/${container.Id}/kill`, { query })
        } catch (error) {
          progress.event(failed(event, 'Error while Killing'))
          throw error
        }
        progress.event(done(event, 'Killed'))
      }),
    )
  })
  return 0
}

async function pauseOrUnpause(
  context: ComposeContext,
  action: 'pause' | 'unpause',
  title: string,
): Promise<number> {
  const { name, project } = await projectOrName(context, context.args)
  await withProgress(context, title, async (progress) => {
    const containers = await selected(context, name, project, { oneOff: 'exclude', all: false })
    await allOrFirstFailure(
      containers.map(async (container) => {
        await context.api.run('POST', `/containers/${container.Id}/${action}`)
        progress.event(done(progressName(container), action === 'pause' ? 'Paused' : 'Unpaused'))
      }),
    )
  })
  return 0
}

export const pause = (context: ComposeContext): Promise<number> => pauseOrUnpause(context, 'pause', 'Pausing')
export const unpause = (context: ComposeContext): Promise<number> =>
  pauseOrUnpause(context, 'unpause', 'Running')

async function stoppedOnes(
  { api }: ComposeContext,
  containers: readonly ContainerSummary[],
): Promise<ContainerSummary[]> {
  const stopped = await Promise.all(
    containers.map(async (container) => {
      try {
        const { State } = await api.json('GET', `/containers/${container.Id}/json`)
        return State.Running ? [] : [container]
      } catch (error) {
        if (isNotFound(error)) return []
        throw error
      }
    }),
  )
  return stopped.flat()
}

export async function remove(context: ComposeContext<ComposeFlags['rm']>): Promise<number> {
  const { args, flags, session } = context
  const { name, project } = await projectOrName(context, args)
  if (flags.bool('stop')) {
    await withProgress(context, 'Stopping', (progress) =>
      stopProject(context, progress, name, { project, services: args, timeout: undefined }),
    )
  }
  const containers = await stoppedOnes(
    context,
    await selected(context, name, project, { oneOff: 'exclude', all: true }),
  )
  if (containers.length === 0) {
    await infoOutput(context).write('No stopped containers\n')
    return 0
  }
  const question = `Going to remove ${containers.map(containerName).join(', ')}`
  if (flags.bool('force')) await session.stdout.write(`${question}\n`)
  else await confirm(context, question)
  await withProgress(context, 'Removing', (progress) => removeStopped(context, progress, containers))
  return 0
}

async function removeStopped(
  { api, flags }: ComposeContext<ComposeFlags['rm']>,
  progress: Progress,
  containers: readonly ContainerSummary[],
): Promise<void> {
  const query = { v: flags.bool('volumes') ? 1 : undefined, force: flags.bool('force') ? 1 : undefined }
  await allOrFirstFailure(
    containers.map(async (container) => {
      const event = progressName(container)
      progress.event(working(event, 'Removing'))
      await api.run('DELETE', `/containers/${container.Id}`, { query })
      progress.event(done(event, 'Removed'))
    }),
  )
}
