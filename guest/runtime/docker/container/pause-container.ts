/** pause and unpause: the cgroup freezer (cgroup-v2.rst, cgroup.freeze). */
import { nextState } from '../../../protocol/states/container-states.ts'
import type { Container } from '../state/container.ts'
import { publishContainerEvent, type EngineContext } from '../state/context.ts'
import { cgroupsPathOf } from '../config/generate-spec.ts'
import { startHealthMonitor, stopHealthMonitor } from '../health/health-monitor.ts'

export const cgroupOf = ({ paths }: EngineContext, { record }: Container): string =>
  paths.cgroupRoot + cgroupsPathOf(record)

/** Resolves when the kernel says that every process of the cgroup is frozen, or thawed. */
export async function freeze(context: EngineContext, container: Container, frozen: boolean): Promise<void> {
  await context.launcher.run({ steps: [{ op: 'cgroup-freeze', path: cgroupOf(context, container), frozen }] })
}

async function change(
  context: EngineContext,
  container: Container,
  action: 'pause' | 'unpause',
): Promise<void> {
  container.checkLeaving(action)
  await container.lock.run(async () => {
    const state = nextState(container.view, action)
    await freeze(context, container, action === 'pause')
    container.record.state.status = state
    if (action === 'unpause') delete container.record.pausedForCommit
    await context.containers.save(container)
    publishContainerEvent(context, container, action)
  })
}

export async function pauseContainer(context: EngineContext, container: Container): Promise<void> {
  await change(context, container, 'pause')
  stopHealthMonitor(container)
}

export async function unpauseContainer(context: EngineContext, container: Container): Promise<void> {
  await change(context, container, 'unpause')
  startHealthMonitor(context, container)
}
