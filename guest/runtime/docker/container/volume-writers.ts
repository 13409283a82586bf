/** Tells the keeping of volumes which containers write into a volume, and keeps them still while it is saved. */
import type { EngineEvent } from '../../../protocol/api/engine-api.ts'
import type { Container } from '../state/container.ts'
import type { EngineContext } from '../state/context.ts'

/** Names of the volumes that the container may write into. */
function writtenBy({ record }: Container): string[] {
  return record.mounts.flatMap(({ point }) =>
    point.Type === 'volume' && point.RW && point.Name !== undefined ? [point.Name] : [],
  )
}

function runningWriters({ containers }: EngineContext, volume: string): Container[] {
  return containers
    .all()
    .filter((container) => container.task !== undefined && writtenBy(container).includes(volume))
}

export function isWritten(context: EngineContext, volume: string): boolean {
  return runningWriters(context, volume).length > 0
}

/** Freezes or thaws a running container; one that a client paused stays as it is, whatever becomes of it meanwhile. */
async function setFrozen(container: Container, frozen: boolean): Promise<boolean> {
  return container.lock.run(async () => {
    const { record, task } = container
    if (record.state.status !== 'running' || task === undefined) return false
    return (await task.freeze(frozen)) === 'done'
  })
}

/** Thaws every container, even when another one's thaw fails. */
async function thaw(context: EngineContext, containers: readonly Container[]): Promise<void> {
  for (const container of containers) {
    try {
      await setFrozen(container, false)
    } catch (error) {
      context.report(`container ${container.id}, which stays frozen`, error)
    }
  }
}

/** Runs `work` while every container that writes into the volume is frozen. Their recorded state does not change. */
export async function whileStill<T>(
  context: EngineContext,
  volume: string,
  work: () => Promise<T>,
): Promise<T> {
  const frozen: Container[] = []
  try {
    for (const container of runningWriters(context, volume)) {
      // The freeze may have happened although the launcher could not say so; so the container is thawed in any case.
      frozen.push(container)
      await setFrozen(container, true)
    }
    return await work()
  } finally {
    await thaw(context, frozen)
  }
}

/** Reports events of containers and volumes to the keeping of volumes. */
export function watchVolumes(context: EngineContext): void {
  const { keeping } = context.volumes
  if (keeping === undefined) return
  const touched = ({ Actor }: EngineEvent, now: boolean): void => {
    const container = context.containers.byId(Actor.ID)
    if (container !== undefined) keeping.changed(writtenBy(container), now)
  }
  context.events.listen((event) => {
    switch (`${event.Type} ${event.Action}`) {
      case 'volume create':
        return keeping.changed([event.Actor.ID], false)
      case 'container create':
      case 'container extract-to-dir':
        return touched(event, false)
      case 'container start':
        return keeping.watch()
      case 'container die':
        return touched(event, true)
    }
  })
}
