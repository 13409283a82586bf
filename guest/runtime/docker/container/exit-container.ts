/**
 * Handles the end of a container's task in its record. There is one way out of a container's life, and it always
 * settles those who wait for the end: clean-up and saving may fail, and their failures are only reported.
 */
import { nextState } from '../../../protocol/states/container-states.ts'
import { formatTime, parseTime } from '../../host/clock.ts'
import type { ShimExit } from '../../host/launcher/launcher-api.ts'
import { stopHealthMonitor } from '../health/health-monitor.ts'
import type { Container } from '../state/container.ts'
import { publishContainerEvent, publishVolumeEvents, type EngineContext } from '../state/context.ts'
import { pushStartUndo } from './prepare-start.ts'
import { restartDelay } from './restart-policy.ts'

/** Seconds between the record's start and `finished`. */
function duration(container: Container, finished: bigint): number {
  const started = parseTime(container.record.state.startedAt) ?? finished
  return Math.max(0, Number((finished - started) / 1_000_000_000n))
}

/** Milliseconds until the policy's restart; undefined when there is none. */
function plannedRestart(container: Container, exit: ShimExit, seconds: number): number | undefined {
  const { hostConfig, manuallyStopped, restartCount } = container.record
  if (container.beingRestarted) return undefined
  return restartDelay(hostConfig.RestartPolicy, {
    exitCode: exit.exitCode,
    cancelled: container.restartCancelled,
    manuallyStopped,
    duration: seconds,
    restartCount,
    lastDelay: container.restartDelay,
  })
}

/** Takes back what a start set up. Never rejects: failures are reported, and tried again by the next start or removal. */
export async function releaseStart(context: EngineContext, container: Container): Promise<void> {
  for (const failure of await container.undo.unwind())
    context.report(`the clean-up after container ${container.id}`, failure)
}

/**
 * Saves the record where a failure must not undo what the kernel did: Docker only logs it (daemon: CheckpointTo). The
 * next save brings the record up to date. Resolves false when it could not be written.
 */
export async function saveOrReport(context: EngineContext, container: Container): Promise<boolean> {
  try {
    await context.containers.save(container)
    return true
  } catch (error) {
    context.report(`the record of container ${container.id}`, error)
    return false
  }
}

function recordEnd(container: Container, exit: ShimExit, restarts: boolean): void {
  const { record } = container
  record.state = {
    ...record.state,
    status: nextState(container.view, restarts ? 'exit-and-restart' : 'exit'),
    pid: 0,
    startTime: 0,
    exitCode: exit.exitCode,
    oomKilled: exit.oomKilled,
    finishedAt: formatTime(BigInt(exit.finishedAt)),
  }
  if (restarts) record.restartCount++
}

/** Whether the container's removal follows its end, so that its record is not worth a write. */
export const removesItself = ({ record, beingRestarted }: Container): boolean =>
  record.hostConfig.AutoRemove && !beingRestarted

/** Ends the task. Call it under the container's lock. */
async function end(
  context: EngineContext,
  container: Container,
  exit: ShimExit,
  startAfter: (delay: number) => void,
): Promise<void> {
  const seconds = duration(container, BigInt(exit.finishedAt))
  const delay = plannedRestart(container, exit, seconds)
  const { task } = container
  stopHealthMonitor(container)
  container.cancelRecord?.()
  pushStartUndo(context, container)
  container.cleanedUp = exit.cleanedUp ?? false
  container.task = undefined
  if (task) await task.cleanUp()
  else await releaseStart(context, container)
  publishVolumeEvents(context, container, 'unmount')
  recordEnd(container, exit, delay !== undefined)
  // The shim's exit record stays when the end was not saved: the next engine learns the end from it.
  if (!removesItself(container) && (await saveOrReport(context, container)) && task) await task.forget()
  if (exit.oomKilled) publishContainerEvent(context, container, 'oom')
  publishContainerEvent(context, container, 'die', {
    exitCode: String(exit.exitCode),
    execDuration: String(seconds),
  })
  if (delay !== undefined) startAfter(delay)
  container.announceExit()
}

/**
 * Handles the end of the task. Never rejects, and always wakes those who wait for the end.
 * @param startAfter is called with milliseconds when the restart policy wants another start
 */
export const endContainer = (
  context: EngineContext,
  container: Container,
  exit: ShimExit,
  startAfter: (delay: number) => void,
): Promise<void> => container.lock.run(() => end(context, container, exit, startAfter))

/**
 * Cancels a scheduled restart, for `stop`, `kill` and `rm -f` of a restarting container. Call it under the container's
 * lock.
 */
export async function callOffRestart(context: EngineContext, container: Container): Promise<void> {
  container.cancelRestart?.()
  container.cancelRestart = undefined
  container.record.state.status = nextState(container.view, 'exit')
  await saveOrReport(context, container)
  container.announceExit()
}
