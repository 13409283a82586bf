/** What follows the end of a container's first process: clean-up, restart policy, auto-remove. */
import { nextState } from '../../../protocol/states/container-states.ts'
import { formatTime, parseTime } from '../../host/clock.ts'
import type { ShimExit } from '../../host/launcher/launcher-api.ts'
import type { Container } from '../state/container.ts'
import { publishContainerEvent, publishVolumeEvents, type EngineContext } from '../state/context.ts'
import { stopHealthMonitor } from '../health/health-monitor.ts'
import { releaseStart } from './prepare-start.ts'
import { removeContainer } from './remove-container.ts'
import { restartDelay } from './restart-policy.ts'
import { bringUp } from './start-container.ts'

/** Seconds between the record's start and `finished`. */
function duration(container: Container, finished: bigint): number {
  const started = parseTime(container.record.state.startedAt) ?? finished
  return Math.max(0, Number((finished - started) / 1_000_000_000n))
}

/** Milliseconds until the policy's restart; undefined for none. */
function plannedRestart(container: Container, exit: ShimExit, seconds: number): number | undefined {
  const { hostConfig, manuallyStopped, restartCount } = container.record
  if (container.beingRestarted) return undefined
  return restartDelay(hostConfig.RestartPolicy, {
    exitCode: exit.exitCode,
    manuallyStopped,
    duration: seconds,
    restartCount,
    lastDelay: container.restartDelay,
  })
}

export async function handleExit(
  context: EngineContext,
  container: Container,
  exit: ShimExit,
): Promise<void> {
  const autoRemove = await container.lock.run(async () => {
    const finished = BigInt(exit.finishedAt)
    const seconds = duration(container, finished)
    const delay = plannedRestart(container, exit, seconds)
    const { record } = container
    stopHealthMonitor(container)
    container.shim?.release()
    container.shim = undefined
    await releaseStart(context, container)
    publishVolumeEvents(context, container, 'unmount')
    record.state = {
      ...record.state,
      status: nextState(container.view, delay === undefined ? 'exit' : 'exit-and-restart'),
      pid: 0,
      startTime: 0,
      exitCode: exit.exitCode,
      oomKilled: exit.oomKilled,
      finishedAt: formatTime(finished),
    }
    if (delay !== undefined) record.restartCount++
    await context.containers.save(container)
    await context.launcher.forget(record.id)
    if (exit.oomKilled) publishContainerEvent(context, container, 'oom')
    publishContainerEvent(context, container, 'die', {
      exitCode: String(exit.exitCode),
      execDuration: String(seconds),
    })
    if (delay !== undefined) scheduleRestart(context, container, delay)
    container.announceExit()
    return record.hostConfig.AutoRemove && !container.beingRestarted
  })
  if (autoRemove && !container.beingRemoved)
    await removeContainer(context, container, { force: true, volumes: true })
}

export function scheduleRestart(context: EngineContext, container: Container, delay: number): void {
  container.restartDelay = delay
  const cancel = context.clock.after(delay, () => {
    container.cancelRestart = undefined
    restart(context, container).catch((error: unknown) =>
      context.report(`the restart of container ${container.id}`, error),
    )
  })
  container.cancelRestart = cancel
}

async function restart(context: EngineContext, container: Container): Promise<void> {
  await container.lock.run(async () => {
    if (container.record.state.status !== 'restarting') return
    try {
      await bringUp(context, container)
    } catch (error) {
      container.record.state.status = nextState(container.view, 'exit')
      await context.containers.save(container)
      container.announceExit()
      throw error
    }
  })
}

/** Calls a scheduled restart off: `stop`, `kill` and `rm -f` of a restarting container. Under its lock. */
export async function callOffRestart(context: EngineContext, container: Container): Promise<void> {
  container.cancelRestart?.()
  container.cancelRestart = undefined
  container.record.state.status = nextState(container.view, 'exit')
  await context.containers.save(container)
  container.announceExit()
}
