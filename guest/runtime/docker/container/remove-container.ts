/** `DELETE /containers/{id}` and auto-remove. */
import { nextState, type ContainerAction } from '../../../protocol/states/container-states.ts'
import { EngineError } from '../../../protocol/errors.ts'
import { errnoText } from '../../plan/errno.ts'
import type { Container } from '../state/container.ts'
import { publishContainerEvent, type EngineContext } from '../state/context.ts'
import { callOffRestart, removesItself, saveOrReport } from './exit-container.ts'
import { passLayersOn } from '../layer/layer-lease.ts'
import { pushStartUndo } from './prepare-start.ts'
import { SIGKILL } from '../../task/signals.ts'

export interface RemoveOptions {
  /** Kills the container first. */
  force: boolean
  /** Removes its anonymous volumes too. */
  volumes: boolean
  /** The client's name for the container: an id, its beginning, or a name. */
  calledBy?: string
}

async function end(context: EngineContext, container: Container): Promise<void> {
  const { record } = container
  if (!container.isRunning) return
  record.manuallyStopped = true
  if (record.state.status === 'restarting') return endRestarting(context, container)
  const paused = record.state.status === 'paused'
  const gone = container.wait('not-running')
  const { task } = container
  await task?.signalUnlessEnded(SIGKILL)
  if (paused) await task?.freeze(false)
  publishContainerEvent(context, container, 'kill', { signal: String(SIGKILL) })
  // The exit handler needs the lock, which the caller of `end` therefore must not hold.
  await gone
}

async function endRestarting(context: EngineContext, container: Container): Promise<void> {
  await container.lock.run(async () => {
    if (container.record.state.status === 'restarting') await callOffRestart(context, container)
  })
  // The restart may have come while this waited for the lock.
  await end(context, container)
}

/**
 * Removes everything of the container, its record last: a removal that is cut short is taken up again by the next
 * engine.
 */
async function discard(context: EngineContext, container: Container, volumes: boolean): Promise<void> {
  for (const exec of context.execs.of(container.id)) {
    context.execs.remove(exec.id)
    await exec.task?.forget()
  }
  pushStartUndo(context, container)
  const [failure] = await container.undo.unwind()
  if (failure) throw failure
  await context.files.removeTree(`${context.paths.overlay}/${container.id}`)
  await passLayersOn(context, container)
  // The shim's exit record is still there when the end could not be saved.
  await context.launcher.forget(container.id)
  await context.volumes.release(container.id, volumes)
  await context.containers.remove(container)
}

/** Go's sentence for a file that could not be removed. */
function reasonOf(thrown: unknown): string {
  const { message, cause } = EngineError.from(thrown)
  const { errno, path } = (cause ?? {}) as NodeJS.ErrnoException
  return errno === undefined || path === undefined
    ? message
    : `unlinkat ${path}: ${errnoText(-errno).toLowerCase()}`
}

async function discardOrDie(
  context: EngineContext,
  container: Container,
  volumes: boolean,
  calledBy: string,
): Promise<void> {
  const { state } = container.record
  try {
    await discard(context, container, volumes)
  } catch (thrown) {
    const reason = `unable to remove filesystem: ${reasonOf(thrown)}`
    state.status = nextState({ ...container.view, state: state.status }, 'removal-failed')
    state.error = reason
    await saveOrReport(context, container)
    container.announceRemovalFailure()
    throw new EngineError('internal', `cannot remove container "${calledBy}": ${reason}`, {}, thrown)
  }
}

/** Resolves false when something has started the container since it ended, so that it must be ended again. */
async function removeEnded(
  context: EngineContext,
  container: Container,
  options: RemoveOptions & { calledBy: string },
  action: ContainerAction,
): Promise<boolean> {
  const { record } = container
  // Auto-remove and an `rm` may have waited for the same end.
  if (context.containers.byId(container.id) !== container) return true
  if (options.force && container.isRunning) return false
  const { calledBy, volumes } = options
  record.state.status = nextState({ ...container.calledBy(calledBy), state: record.state.status }, action)
  if (volumes) record.removeVolumes = true
  // The next engine removes the container whether its record says so or not.
  if (!removesItself(container)) await saveOrReport(context, container)
  await discardOrDie(context, container, volumes, calledBy)
  publishContainerEvent(context, container, 'destroy')
  container.announceRemoval()
  return true
}

/**
 * Removes a container.
 * @throws the table's errors; a container whose files can't be removed becomes `dead`
 */
export async function removeContainer(
  context: EngineContext,
  container: Container,
  options: RemoveOptions,
): Promise<void> {
  const { calledBy = container.plainName } = options
  const action = options.force ? 'remove-force' : 'remove'
  if (context.containers.byId(container.id) !== container) return
  const view = container.calledBy(calledBy)
  nextState(container.beingRemoved ? { ...view, state: 'removing' } : view, action)
  container.beingRemoved = true
  try {
    let removed = false
    while (!removed) {
      // The exit is handled under the lock, so this must not hold it meanwhile.
      if (options.force) await end(context, container)
      removed = await container.lock.run(() =>
        removeEnded(context, container, { ...options, calledBy }, action),
      )
    }
  } finally {
    container.beingRemoved = false
  }
}
