/** `POST /containers/{id}/start`, and every other way a container gets its first process. */
import { nextState } from '../../../protocol/states/container-states.ts'
import { EngineError } from '../../../protocol/errors.ts'
import { formatTime } from '../../host/clock.ts'
import type { Shim } from '../../host/launcher/launcher-api.ts'
import type { Container } from '../state/container.ts'
import { publishContainerEvent, type EngineContext } from '../state/context.ts'
import { handleExit } from './exit-container.ts'
import { startHealthMonitor } from '../health/health-monitor.ts'
import { holdLayers } from '../layer/layer-lease.ts'
import { prepareStart, releaseStart } from './prepare-start.ts'
import { removeContainer } from './remove-container.ts'
import { EXIT_CODE, launchFailure, START_SENTENCE } from './start-errors.ts'

/** Hands the process to those who attached before it existed. Their output was held back until now. */
async function joinPending(container: Container, shim: Shim): Promise<void> {
  for (const pending of container.pending) {
    try {
      pending.attachment.resolve(await shim.attach({ stdin: pending.stdin }))
    } catch (error) {
      pending.attachment.reject(error)
    }
  }
  container.pending.clear()
}

/** Takes a process over, new or found again: its exit will be handled, its DNS questions answered. */
export function adoptShim(context: EngineContext, container: Container, shim: Shim): void {
  container.shim = shim
  shim.onDnsQuery((query) => context.networks.resolve(container.id, query))
  shim.exited
    .catch((error: unknown) => {
      context.report(`the shim of container ${container.id} was lost`, error)
      return { exitCode: 255, oomKilled: false, finishedAt: String(context.clock.now()) }
    })
    .then((exit) => handleExit(context, container, exit))
    .catch((error: unknown) => context.report(`the exit of container ${container.id}`, error))
}

async function launch(context: EngineContext, container: Container): Promise<Shim> {
  const { spec, plan } = await prepareStart(context, container)
  container.spec = spec
  container.plan = plan
  try {
    const shim = await context.launcher.launch(plan)
    container.report = shim.report
    return shim
  } catch (thrown) {
    const { error, exitCode } = launchFailure(thrown, plan, START_SENTENCE)
    container.record.state.exitCode = exitCode
    throw error
  }
}

/** The record tells of the failed start; the container stays what it was. */
async function noteFailure(
  context: EngineContext,
  container: Container,
  thrown: unknown,
): Promise<EngineError> {
  const error = EngineError.from(thrown)
  const { state } = container.record
  state.error = error.message
  state.exitCode ||= EXIT_CODE.other
  for (const { attachment } of container.pending) attachment.reject(error)
  container.pending.clear()
  await releaseStart(context, container)
  await context.containers.save(container)
  return error
}

/** Under the container's lock. */
export async function bringUp(context: EngineContext, container: Container): Promise<void> {
  const { record } = container
  record.state.exitCode = 0
  let shim: Shim
  try {
    await holdLayers(context, container)
    shim = await launch(context, container)
  } catch (thrown) {
    throw await noteFailure(context, container, thrown)
  }
  record.state = {
    ...record.state,
    status: 'running',
    ...shim.identity,
    exitCode: 0,
    error: '',
    oomKilled: false,
    startedAt: formatTime(context.clock.now()),
  }
  await context.containers.save(container)
  adoptShim(context, container, shim)
  publishContainerEvent(context, container, 'start')
  await joinPending(container, shim)
  startHealthMonitor(context, container)
}

/** @throws the table's errors, or why it could not start in Docker's words */
export async function startContainer(context: EngineContext, container: Container): Promise<void> {
  container.checkLeaving('start')
  try {
    await container.lock.run(async () => {
      nextState(container.view, 'start')
      container.record.manuallyStopped = false
      container.record.restartCount = 0
      container.restartDelay = 0
      await bringUp(context, container)
    })
  } catch (error) {
    const failed = container.record.state.status === 'created' && container.record.state.error !== ''
    if (failed && container.record.hostConfig.AutoRemove)
      await removeContainer(context, container, { force: true, volumes: true })
    throw error
  }
}
