/**
 * After a start of the engine: records say what was, the kernel says what is. Processes found again are taken over, exits
 * that happened meanwhile are handled as if they came now, removals are finished, restart policies applied.
 */
import { hasProcess } from '../../protocol/container-states.ts'
import type { Shim } from '../host/launcher-api.ts'
import type { Container } from './container.ts'
import type { EngineContext } from './context.ts'
import { handleExit, scheduleRestart } from './exit-container.ts'
import { startHealthMonitor } from './health-monitor.ts'
import { beginHoldingLayers, releaseForgotten } from './layer-lease.ts'
import { cgroupOf, freeze } from './pause-container.ts'
import { removeContainer } from './remove-container.ts'
import { startsWithEngine } from './restart-policy.ts'
import { adoptShim } from './start-container.ts'

/** Exit code of a container whose process and shim are both gone. */
const LOST = 255

async function isFrozen(context: EngineContext, container: Container): Promise<boolean> {
  const path = `${cgroupOf(context, container)}/cgroup.freeze`
  return (await context.files.exists(path)) && (await context.files.readText(path)).trim() === '1'
}

async function takeOver(context: EngineContext, container: Container, shim: Shim): Promise<void> {
  const { state } = container.record
  const frozen = await isFrozen(context, container)
  // Frozen for a moment, by an engine that died in it; or by a pause that nobody was told of.
  if (frozen && state.status !== 'paused') await freeze(context, container, false)
  state.status = frozen && state.status === 'paused' ? 'paused' : 'running'
  Object.assign(state, shim.identity)
  await context.containers.save(container)
  adoptShim(context, container, shim)
  container.report = shim.report
  startHealthMonitor(context, container)
}

async function settle(context: EngineContext, container: Container): Promise<void> {
  const { record } = container
  switch (record.state.status) {
    case 'running':
    case 'paused':
      return handleExit(context, container, {
        exitCode: LOST,
        oomKilled: false,
        finishedAt: String(context.clock.now()),
      })
    case 'removing':
    case 'dead':
      record.state.status = 'dead'
      return removeContainer(context, container, { force: true, volumes: false })
    case 'restarting':
      return scheduleRestart(context, container, 0)
    case 'created':
      return
    case 'exited':
      if (!startsWithEngine(record.hostConfig.RestartPolicy, record.manuallyStopped)) return
      record.state.status = 'restarting'
      return scheduleRestart(context, container, 0)
  }
}

/** One container's failure is reported and leaves the others alone. */
export async function recoverContainers(context: EngineContext): Promise<void> {
  await context.containers.load()
  await releaseForgotten(context)
  const found = new Map<Container, Shim>()
  const containers = context.containers.all()
  for (const container of containers) {
    beginHoldingLayers(context, container)
    const shim = await context.launcher.reconnect(container.id)
    // Launched, but not yet recorded, when the engine died: the container runs all the same.
    if (shim && container.record.state.status !== 'exited') found.set(container, shim)
    else if (shim) shim.release()
  }
  await context.networks.recover([...found.keys()].map(({ id }) => id))
  await context.volumes.recover()
  for (const container of containers) {
    const shim = found.get(container)
    try {
      if (shim) await takeOver(context, container, shim)
      else await settle(context, container)
    } catch (error) {
      context.report(`the recovery of container ${container.id}`, error)
    }
  }
}

/** For a clean end of the engine: containers live on, connections to their shims are closed. */
export function releaseContainers(context: EngineContext): void {
  for (const container of context.containers.all())
    if (hasProcess(container.record.state.status)) container.shim?.release()
}
