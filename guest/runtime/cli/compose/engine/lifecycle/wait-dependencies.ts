/** Waits until the dependencies of a service meet the conditions of its `depends_on`. */
import { setTimeout as delay } from 'node:timers/promises'
import type { ContainerInspect, ContainerSummary } from '../../../../../protocol/api/engine-api.ts'
import { CliError } from '../../../shared/cli-error.ts'
import type { EngineApi } from '../../../../../vocabulary/engine-client/engine-api.ts'
import { messageOf } from '../../../shared/for-each.ts'
import type { ComposeContext } from '../../context.ts'
import { scaleOf, type Project } from '../../model/project.ts'
import type { Dependency } from '../../model/types.ts'
import { isOf } from '../containers.ts'
import { progressName } from '../create/converge.ts'
import { allOrFirstFailure } from './dependency-order.ts'
import {
  done,
  failed,
  warned,
  working,
  type Progress,
  type ProgressEvent,
} from '../output/progress-events.ts'

/** Milliseconds between two checks, as in Compose. */
const INTERVAL = 500

async function inspectAll(
  api: EngineApi,
  containers: readonly ContainerSummary[],
): Promise<ContainerInspect[]> {
  return Promise.all(containers.map(({ Id }) => api.json('GET', `/containers/${Id}/json`)))
}

/**
 * @param orRunning a container without a health check counts when it runs. @throws CliError when it can't become
 * healthy any more
 */
async function isHealthy(
  api: EngineApi,
  containers: readonly ContainerSummary[],
  orRunning: boolean,
): Promise<boolean> {
  for (const { Name, State, Config } of await inspectAll(api, containers)) {
    const name = Name.slice(1)
    if (State.Status === 'exited') throw new CliError(`container ${name} exited (${State.ExitCode})`)
    if (Config.Healthcheck === undefined && orRunning) return State.Status === 'running'
    const health = State.Health?.Status
    if (health === undefined || health === 'none')
      throw new CliError(`container ${name} has no healthcheck configured`)
    if (health === 'unhealthy') throw new CliError(`container ${name} is unhealthy`)
    if (health === 'starting') return false
  }
  return true
}

/** The exit code of the first container that has ended; undefined when none has. */
async function exitCode(
  api: EngineApi,
  containers: readonly ContainerSummary[],
): Promise<number | undefined> {
  const all = await inspectAll(api, containers)
  return all.find(({ State }) => State.Status === 'exited')?.State.ExitCode
}

/** The containers that are waited for, and the service that waits. */
export interface Waiting {
  context: ComposeContext
  progress: Progress
  project: Project
  /** The service whose dependencies these are, for messages. */
  dependant: string
  containers: readonly ContainerSummary[]
  /** Ends the wait. */
  signal?: AbortSignal
}

/** @throws CliError when a required dependency fails */
export async function waitForDependencies(
  waiting: Waiting,
  dependencies: Readonly<Record<string, Dependency>>,
): Promise<void> {
  await allOrFirstFailure(
    Object.entries(dependencies)
      .filter(([name, { condition }]) => {
        const service = waiting.project.services[name]
        return condition !== 'service_started' && service !== undefined && scaleOf(service) > 0
      })
      .map(([name, dependency]) => waitForOne(waiting, name, dependency)),
  )
}

async function waitForOne(waiting: Waiting, name: string, dependency: Dependency): Promise<void> {
  const { context, progress, dependant } = waiting
  const containers = waiting.containers.filter(isOf([name]))
  const tell = (event: (id: string) => ProgressEvent): void =>
    containers.forEach((container) => progress.event(event(progressName(container))))
  tell((id) => working(id, 'Waiting'))
  if (containers.length === 0) {
    const message = `${dependant} is missing dependency ${name}`
    if (dependency.required) throw new CliError(message)
    return context.warn(message)
  }
  try {
    tell(await untilReady(waiting, name, dependency, containers))
  } catch (error) {
    if (dependency.required) {
      const ended = dependency.condition === 'service_completed_successfully'
      if (dependency.condition !== 'running_or_healthy')
        tell((id) => failed(id, ended ? messageOf(error) : undefined))
      throw error
    }
    const reason = `optional dependency ${messageOf(error).replace(/^(service|dependency) /, '')}`
    tell((id) => warned(id, `Skipped: ${reason}`))
    context.warn(reason)
  }
}

/** @returns makes a container's progress event from its id */
async function untilReady(
  { context: { api, session }, signal = session.ended }: Waiting,
  name: string,
  { condition }: Dependency,
  containers: readonly ContainerSummary[],
): Promise<(id: string) => ProgressEvent> {
  for (;;) {
    if (condition === 'service_completed_successfully') {
      const code = await exitCode(api, containers)
      if (code === 0) return (id) => done(id, 'Exited')
      if (code !== undefined)
        throw new CliError(`service "${name}" didn't complete successfully: exit ${code}`)
    } else if (await healthyOrFail(api, containers, condition === 'running_or_healthy')) {
      return (id) => done(id, 'Healthy')
    }
    await delay(INTERVAL, undefined, { signal })
  }
}

async function healthyOrFail(
  api: EngineApi,
  containers: readonly ContainerSummary[],
  orRunning: boolean,
): Promise<boolean> {
  try {
    return await isHealthy(api, containers, orRunning)
  } catch (error) {
    if (orRunning || !(error instanceof CliError)) throw error
    throw new CliError(`dependency failed to start: ${error.message}`)
  }
}
