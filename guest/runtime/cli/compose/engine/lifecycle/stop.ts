/** Stops and removes containers and reports the progress. */
import type { ContainerSummary } from '../../../../../protocol/api/engine-api.ts'
import { ApiError } from '../../../shared/api-error.ts'
import type { EngineApi } from '../../../../../vocabulary/engine-client/engine-api.ts'
import { containerName } from '../containers.ts'
import { allOrFirstFailure } from './dependency-order.ts'
import { done, failed, working, type Progress } from '../output/progress-events.ts'

export interface StopOptions {
  /** Seconds until the container is killed; undefined for the container's own timeout. */
  timeout: number | undefined
}

interface Engine {
  api: EngineApi
}

const eventName = (container: ContainerSummary): string => `Container ${containerName(container)}`

export async function stopContainer(
  { api }: Engine,
  progress: Progress,
  container: ContainerSummary,
  { timeout }: StopOptions,
): Promise<void> {
  const event = eventName(container)
  progress.event(working(event, 'Stopping'))
  try {
    await api.run('POST', `/containers/${container.Id}/stop`, { query: { t: timeout } })
  } catch (error) {
    progress.event(failed(event, 'Error while Stopping'))
    throw error
  }
  progress.event(done(event, 'Stopped'))
}

export async function stopAndRemove(
  engine: Engine,
  progress: Progress,
  container: ContainerSummary,
  options: StopOptions,
  volumes: boolean,
): Promise<ContainerSummary> {
  await stopContainer(engine, progress, container, options)
  const event = eventName(container)
  progress.event(working(event, 'Removing'))
  try {
    const query = { force: 1, v: volumes ? 1 : undefined }
    await engine.api.run('DELETE', `/containers/${container.Id}`, { query })
  } catch (error) {
    // Another client has removed the container, or is doing so.
    if (!(error instanceof ApiError && [404, 409].includes(error.status))) {
      progress.event(failed(event, 'Error while Removing'))
      throw error
    }
  }
  progress.event(done(event, 'Removed'))
  return container
}

export async function removeAll(
  engine: Engine,
  progress: Progress,
  containers: readonly ContainerSummary[],
  options: StopOptions,
  volumes: boolean,
): Promise<void> {
  await allOrFirstFailure(
    containers.map((container) => stopAndRemove(engine, progress, container, options, volumes)),
  )
}
