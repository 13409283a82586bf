/** Which containers write into a volume, and what becomes of it with them: what keeping volumes has to know of containers. */
import type { EngineEvent } from '../../../protocol/api/engine-api.ts'
import type { Container } from '../state/container.ts'
import type { EngineContext } from '../state/context.ts'
import { freeze } from './pause-container.ts'

/** Names of the volumes that the container may write into. */
function writtenBy({ record }: Container): string[] {
  return record.mounts.flatMap(({ point }) =>
    point.Type === 'volume' && point.RW && point.Name !== undefined ? [point.Name] : [],
  )
}

function runningWriters({ containers }: EngineContext, volume: string): Container[] {
  return containers
    .all()
    .filter((container) => container.shim !== undefined && writtenBy(container).includes(volume))
}

export function isWritten(context: EngineContext, volume: string): boolean {
  return runningWriters(context, volume).length > 0
}

/** Only a running container is frozen and thawed: one that is paused stays as it is, whatever becomes of it meanwhile. */
async function setFrozen(context: EngineContext, container: Container, frozen: boolean): Promise<boolean> {
  return container.lock.run(async () => {
    if (container.record.state.status !== 'running' || container.shim === undefined) return false
    await freeze(context, container, frozen)
    return true
  })
}

/** Runs `work` while none of the volume's writers runs. Their state does not change for it. */
export async function whileStill<T>(
  context: EngineContext,
  volume: string,
  work: () => Promise<T>,
): Promise<T> {
  const frozen: Container[] = []
  try {
    for (const container of runningWriters(context, volume))
      if (await setFrozen(context, container, true)) frozen.push(container)
    return await work()
  } finally {
    for (const container of frozen) await setFrozen(context, container, false)
  }
}

/** Tells the keeping of volumes what containers and volumes go through. */
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
