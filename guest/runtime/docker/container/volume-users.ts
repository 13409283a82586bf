/** Ends the containers that have a volume while its data is replaced, and starts them again: to them it is a power cut. */
import type { Container } from '../state/container.ts'
import type { EngineContext } from '../state/context.ts'
import { restartContainer } from './stop-container.ts'

function runningUsers({ containers }: EngineContext, volume: string): Container[] {
  const has = ({ record }: Container): boolean =>
    record.mounts.some(({ point }) => point.Type === 'volume' && point.Name === volume)
  return containers.all().filter((container) => container.isRunning && has(container))
}

/**
 * Runs `work` while no container runs that has the volume, and starts those that ran again, whatever becomes of `work`.
 * Rejects without it when one of them cannot be ended; a start that fails is reported.
 */
export function whileDown<T>(context: EngineContext, volume: string, work: () => Promise<T>): Promise<T> {
  return inTurn(context, runningUsers(context, volume), work)
}

/** Ends the first, then the rest, works, and starts them in the other order. */
async function inTurn<T>(
  context: EngineContext,
  [first, ...rest]: readonly Container[],
  work: () => Promise<T>,
): Promise<T> {
  if (first === undefined) return work()
  let working: Promise<T> | undefined
  const between = async (): Promise<void> => {
    working = inTurn(context, rest, work)
    await working.catch(() => undefined) // the caller has the failure, and the container starts all the same
  }
  try {
    await restartContainer(context, first, { signal: 'KILL' }, first.plainName, between)
  } catch (error) {
    if (working === undefined) throw error
    context.report(`container ${first.id}, which was ended for its volume’s data`, error)
  }
  return working!
}
