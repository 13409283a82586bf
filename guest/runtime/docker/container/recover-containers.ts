/**
 * Recovers the containers after a start of the engine: records say what was, the kernel says what is. Processes found
 * again are taken over, exits that happened meanwhile are handled as if they came now, removals are finished, restart
 * policies applied.
 */
import { hasProcess } from '../../../protocol/states/container-states.ts'
import { formatTime } from '../../host/clock.ts'
import type { Shim } from '../../host/launcher/launcher-api.ts'
import type { Container } from '../state/container.ts'
import type { EngineContext } from '../state/context.ts'
import { lostExit, Task } from '../../task/task.ts'
import { cgroupOf } from '../state/cgroup.ts'
import { releaseStart, saveOrReport } from './exit-container.ts'
import { startHealthMonitor } from '../health/health-monitor.ts'
import { beginHoldingLayers, releaseForgotten } from '../layer/layer-lease.ts'
import { unpauseContainer } from './pause-container.ts'
import { pushStartUndo } from './prepare-start.ts'
import { recoverExecs } from '../exec/recover-execs.ts'
import { removeContainer } from './remove-container.ts'
import { startsWithEngine } from './restart-policy.ts'
import { adoptTask, handleExit, scheduleRestart } from './start-container.ts'

async function isFrozen(context: EngineContext, container: Container): Promise<boolean> {
  const path = `${cgroupOf(context, container)}/cgroup.freeze`
  return (await context.files.exists(path)) && (await context.files.readText(path)).trim() === '1'
}

async function takeOver(context: EngineContext, container: Container, shim: Shim): Promise<void> {
  const { record } = container
  const { state } = record
  if (!hasProcess(state.status)) {
    // The engine died after the launch, before it recorded it.
    state.startedAt = formatTime(context.clock.now())
    Object.assign(state, { exitCode: 0, error: '', oomKilled: false })
    record.manuallyStopped = false
  }
  pushStartUndo(context, container)
  const { id, undo } = container
  const task = new Task(context, shim, {
    what: `container ${id}`,
    cgroup: cgroupOf(context, container),
    undo,
  })
  const frozen = await isFrozen(context, container)
  // An engine froze the container for a moment and died in it, or died in a pause whose client never got an answer.
  if (frozen && state.status !== 'paused') await task.freeze(false)
  state.status = frozen && state.status === 'paused' ? 'paused' : 'running'
  Object.assign(state, shim.identity)
  await saveOrReport(context, container)
  adoptTask(context, container, task)
  container.report = () => task.report
  startHealthMonitor(context, container, 'resumed')
  // The commit that froze the container died with its engine.
  if (record.pausedForCommit && state.status === 'paused') await unpauseContainer(context, container)
}

/** Whether the end was recorded before the engine died, so that only the shim's exit record is left to remove. */
async function isOldNews({ record: { state } }: Container, shim: Shim): Promise<boolean> {
  if (hasProcess(state.status)) return false
  const exit = await Promise.race([shim.exited, undefined])
  return exit !== undefined && formatTime(BigInt(exit.finishedAt)) === state.finishedAt
}

/** Finds the shim of a process that the record knows, or that was launched just before the engine died, and not recorded. */
async function findShim(context: EngineContext, container: Container): Promise<Shim | undefined> {
  const shim = await context.launcher.reconnect(container.id)
  if (!shim || !(await isOldNews(container, shim))) return shim
  shim.release()
  await context.launcher.forget(container.id)
  return undefined
}

const EVERYTHING = { force: true, volumes: true }

async function settle(context: EngineContext, container: Container): Promise<void> {
  const { record } = container
  const { state, hostConfig } = record
  switch (state.status) {
    case 'running':
    case 'paused':
      return handleExit(context, container, lostExit(context))
    case 'removing':
    case 'dead':
      state.status = 'dead'
      return removeContainer(context, container, { force: true, volumes: record.removeVolumes ?? false })
    case 'restarting':
      return scheduleRestart(context, container, 0)
    case 'created':
    case 'exited':
      // This undoes a start that failed half-way, and what an exit left behind.
      pushStartUndo(context, container)
      await releaseStart(context, container)
      if (state.status === 'exited' && startsWithEngine(hostConfig.RestartPolicy, record.manuallyStopped)) {
        state.status = 'restarting'
        return scheduleRestart(context, container, 0)
      }
      // Docker's rule (daemon.go, restore): nobody waits any more for a container that does not run.
      if (hostConfig.AutoRemove) return removeContainer(context, container, EVERYTHING)
  }
}

/** Runs one step of the recovery. Its failure is reported and leaves the other steps alone. */
async function step<Result>(
  context: EngineContext,
  what: string,
  run: () => Promise<Result>,
): Promise<Result | undefined> {
  try {
    return await run()
  } catch (error) {
    context.report(`the recovery of ${what}`, error)
    return undefined
  }
}

/** Never rejects: an engine that cannot take everything over takes over the rest, and reports what it could not. */
export async function recoverContainers(context: EngineContext): Promise<void> {
  await step(context, 'the containers', () => context.containers.load(context.report))
  const found = new Map<Container, Shim>()
  const containers = context.containers.all()
  // Before others' leases go, because a container may have held its layers by one of them.
  for (const container of containers) beginHoldingLayers(context, container)
  await step(context, 'what unfinished creations left', () => releaseForgotten(context))
  for (const container of containers) {
    const shim = await step(context, `container ${container.id}`, () => findShim(context, container))
    if (shim) found.set(container, shim)
  }
  const isKept = (id: string): boolean => context.containers.byId(id) !== undefined
  await step(context, 'the networks', () => context.networks.recover([...found.keys()].map(({ id }) => id)))
  await step(context, 'the volumes', () => context.volumes.recover())
  await step(context, 'the volumes', () => context.volumes.releaseForgotten(isKept))
  for (const container of containers) {
    const shim = found.get(container)
    await step(context, `container ${container.id}`, () =>
      shim ? takeOver(context, container, shim) : settle(context, container),
    )
  }
  await step(context, 'the execs', () => recoverExecs(context))
}

/** Closes the connections to the shims at a clean end of the engine; the containers live on. */
export function releaseContainers(context: EngineContext): void {
  for (const container of context.containers.all())
    if (hasProcess(container.record.state.status)) container.task?.release()
}
