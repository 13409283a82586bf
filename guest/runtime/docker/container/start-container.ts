/** `POST /containers/{id}/start`, and every other way a container gets its first process. */
import { nextState } from '../../../protocol/states/container-states.ts'
import { EngineError } from '../../../protocol/errors.ts'
import { formatTime } from '../../host/clock.ts'
import type { ShimExit } from '../../host/launcher/launcher-api.ts'
import { launchTask, type Task } from '../../task/task.ts'
import { startHealthMonitor } from '../health/health-monitor.ts'
import { holdLayers } from '../layer/layer-lease.ts'
import { NETWORK_FAILURE } from '../network/network-api.ts'
import { cgroupOf } from '../state/cgroup.ts'
import type { Container } from '../state/container.ts'
import { publishContainerEvent, type EngineContext } from '../state/context.ts'
import { endContainer, releaseStart, saveOrReport } from './exit-container.ts'
import { prepareStart } from './prepare-start.ts'
import { removeContainer } from './remove-container.ts'
import { refreshLinkingHosts } from './update-container.ts'
import { EXIT_CODE, launchFailure, START_SENTENCE } from '../config/start-errors.ts'

/** Attaches those who waited for the process. Its output was held back until now. */
async function joinPending(container: Container, task: Task): Promise<void> {
  for (const pending of container.pending) await pending.settle(task)
  container.pending.clear()
}

/** Adopts a task, new or found again: answers its DNS questions, and handles its end. */
export function adoptTask(context: EngineContext, container: Container, task: Task): void {
  container.task = task
  task.onDnsQuery((query) => context.networks.resolve(container.id, query))
  task.exited
    .then((exit) => handleExit(context, container, exit))
    .catch((error: unknown) => context.report(`the exit of container ${container.id}`, error))
}

/** Handles the end of a container's first process, with its restart policy and its auto-removal. */
export async function handleExit(
  context: EngineContext,
  container: Container,
  exit: ShimExit,
): Promise<void> {
  await endContainer(context, container, exit, (delay) => scheduleRestart(context, container, delay))
  const { AutoRemove } = container.record.hostConfig
  if (AutoRemove && !container.beingRestarted && !container.beingRemoved)
    await removeContainer(context, container, { force: true, volumes: true })
}

/**
 * Schedules the next start of a container that is `restarting`.
 * @param delay milliseconds
 */
export function scheduleRestart(context: EngineContext, container: Container, delay: number): void {
  container.restartDelay = delay
  container.cancelRestart = context.clock.after(delay, () => {
    container.cancelRestart = undefined
    restart(context, container).catch((error: unknown) =>
      context.report(`the restart of container ${container.id}`, error),
    )
  })
}

async function restart(context: EngineContext, container: Container): Promise<void> {
  await container.lock.run(async () => {
    if (container.record.state.status !== 'restarting') return
    try {
      await bringUp(context, container)
    } catch (error) {
      container.record.state.status = nextState(container.view, 'exit')
      await saveOrReport(context, container)
      container.announceExit()
      throw error
    }
  })
}

/** Whether the launch failed in the first so many steps of its shim. */
function isFailureOf(steps: number, thrown: unknown): boolean {
  const { role, step } = EngineError.from(thrown).details
  return role === 'shim' && typeof step === 'number' && step >= 0 && step < steps
}

async function launch(context: EngineContext, container: Container): Promise<Task> {
  const { spec, plan, networkSteps } = await prepareStart(context, container)
  container.spec = spec
  container.plan = plan
  const { id, undo } = container
  try {
    const cgroup = cgroupOf(context, container)
    const task = await launchTask(context, plan, { what: `container ${id}`, cgroup, undo })
    container.report = () => task.report
    return task
  } catch (thrown) {
    if (isFailureOf(networkSteps, thrown)) throw EngineError.wrap(NETWORK_FAILURE, thrown)
    const { error, exitCode } = launchFailure(thrown, plan, START_SENTENCE)
    container.record.state.exitCode = exitCode
    throw error
  }
}

/** Records why the start failed; the container's state stays what it was. */
async function noteFailure(
  context: EngineContext,
  container: Container,
  thrown: unknown,
): Promise<EngineError> {
  const error = EngineError.from(thrown)
  const { state } = container.record
  state.error = error.message
  state.exitCode ||= EXIT_CODE.other
  container.endPending()
  await releaseStart(context, container)
  await saveOrReport(context, container)
  return error
}

/**
 * Milliseconds after which the start of a container that removes itself is written down. Until then an engine that
 * follows a crash learns of it from the shim.
 */
const RECORD_AFTER = 1000

async function recordStart(context: EngineContext, container: Container): Promise<void> {
  if (!container.record.hostConfig.AutoRemove) return void (await saveOrReport(context, container))
  container.cancelRecord = context.clock.after(RECORD_AFTER, () => void saveOrReport(context, container))
}

/** Starts the container. Call it under its lock. */
export async function bringUp(context: EngineContext, container: Container): Promise<void> {
  const { record } = container
  record.state.exitCode = 0
  let task: Task
  try {
    await holdLayers(context, container)
    task = await launch(context, container)
  } catch (thrown) {
    throw await noteFailure(context, container, thrown)
  }
  record.state = {
    ...record.state,
    status: 'running',
    ...task.identity,
    exitCode: 0,
    error: '',
    oomKilled: false,
    startedAt: formatTime(context.clock.now()),
  }
  await recordStart(context, container)
  adoptTask(context, container, task)
  await refreshLinkingHosts(context, container.id)
  publishContainerEvent(context, container, 'start')
  await joinPending(container, task)
  startHealthMonitor(context, container, 'started')
}

/**
 * Starts a container.
 * @throws the table's errors, or why it could not start in Docker's words
 */
export async function startContainer(context: EngineContext, container: Container): Promise<void> {
  container.checkLeaving('start')
  try {
    await container.lock.run(async () => {
      nextState(container.view, 'start')
      container.record.manuallyStopped = false
      container.restartCancelled = false
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
