/** `DELETE /containers/{id}` and auto-remove. */
import { nextState } from '../../protocol/container-states.ts'
import { EngineError } from '../../protocol/errors.ts'
import type { Container } from './container.ts'
import { publishContainerEvent, type EngineContext } from './context.ts'
import { callOffRestart } from './exit-container.ts'
import { releaseLayers } from './layer-lease.ts'
import { SIGKILL } from './signals.ts'
import { freeze } from './pause-container.ts'

export interface RemoveOptions {
  /** Kill it first. */
  force: boolean
  /** Its anonymous volumes too. */
  volumes: boolean
  /** What the client called it by. */
  calledBy?: string
}

async function end(context: EngineContext, container: Container): Promise<void> {
  const { record } = container
  if (!container.isRunning) return
  record.manuallyStopped = true
  if (record.state.status === 'restarting') return endRestarting(context, container)
  const paused = record.state.status === 'paused'
  const gone = container.wait('not-running')
  try {
    await container.shim?.signal(SIGKILL)
  } catch (error) {
    if (EngineError.from(error).code !== 'conflict') throw error
  }
  if (paused) await freeze(context, container, false)
  publishContainerEvent(context, container, 'kill', { signal: String(SIGKILL) })
  // The exit handler needs the lock that the caller of `end` does not hold.
  await gone
}

async function endRestarting(context: EngineContext, container: Container): Promise<void> {
  await container.lock.run(async () => {
    if (container.record.state.status === 'restarting') await callOffRestart(context, container)
  })
  // It may have come up while we waited for the lock.
  await end(context, container)
}

async function discard(context: EngineContext, container: Container, volumes: boolean): Promise<void> {
  for (const exec of context.execs.runningIn(container.id)) context.execs.remove(exec.id)
  // The answer of the page comes while the rest is taken down.
  const released = releaseLayers(context, container)
  released.catch(() => undefined)
  await context.networks.tearDown(container.id)
  await context.files.removeTree(`${context.paths.overlay}/${container.id}`)
  await released
  await context.containers.remove(container)
  await context.volumes.release(container.id, volumes)
}

/** @throws the table's errors; a container whose files can't be removed becomes `dead` */
export async function removeContainer(
  context: EngineContext,
  container: Container,
  options: RemoveOptions,
): Promise<void> {
  const { record } = container
  const { calledBy = container.plainName } = options
  const action = options.force ? 'remove-force' : 'remove'
  if (context.containers.byId(container.id) !== container) return
  nextState(container.calledBy(calledBy), action)
  if (options.force) await end(context, container)
  await container.lock.run(async () => {
    // Auto-remove and an rm may have waited for the same end.
    if (context.containers.byId(container.id) !== container) return
    record.state.status = nextState(container.calledBy(calledBy), action)
    await context.containers.save(container)
    try {
      await discard(context, container, options.volumes)
    } catch (thrown) {
      record.state.status = nextState(container.view, 'removal-failed')
      await context.containers.save(container)
      const { message } = EngineError.from(thrown)
      throw new EngineError(
        'internal',
        `cannot remove container "${calledBy}": unable to remove filesystem: ${message}`,
        {},
        thrown,
      )
    }
    publishContainerEvent(context, container, 'destroy')
    container.announceRemoval()
  })
}
