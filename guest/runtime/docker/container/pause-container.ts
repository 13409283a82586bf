/** Pauses and unpauses a container by its cgroup's freezer. */
import { nextState } from '../../../protocol/states/container-states.ts'
import { startHealthMonitor, stopHealthMonitor } from '../health/health-monitor.ts'
import type { Container } from '../state/container.ts'
import { publishContainerEvent, type EngineContext } from '../state/context.ts'
import { notRunning } from '../state/not-running.ts'
import { saveOrReport } from './exit-container.ts'

async function change(
  context: EngineContext,
  container: Container,
  action: 'pause' | 'unpause',
): Promise<void> {
  container.checkLeaving(action)
  await container.lock.run(async () => {
    const state = nextState(container.view, action)
    // A container that ends in this moment answers as an ended one: its exit is handled once the lock is free.
    if ((await container.task?.freeze(action === 'pause')) !== 'done') throw notRunning(container, action)
    container.record.state.status = state
    if (action === 'unpause') delete container.record.pausedForCommit
    await saveOrReport(context, container)
    publishContainerEvent(context, container, action)
  })
}

export async function pauseContainer(context: EngineContext, container: Container): Promise<void> {
  await change(context, container, 'pause')
  stopHealthMonitor(container)
}

export async function unpauseContainer(context: EngineContext, container: Container): Promise<void> {
  await change(context, container, 'unpause')
  startHealthMonitor(context, container, 'resumed')
}
