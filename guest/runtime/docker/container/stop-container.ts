/** stop, kill and restart of a container, with Docker's order of steps: daemon/stop.go, kill.go, restart.go. */
import { nextState } from '../../../protocol/states/container-states.ts'
import { EngineError } from '../../../protocol/errors.ts'
import type { Container } from '../state/container.ts'
import { publishContainerEvent, type EngineContext } from '../state/context.ts'
import { callOffRestart, saveOrReport } from './exit-container.ts'
import { parseSignal, SIGKILL, SIGTERM } from '../../task/signals.ts'
import { bringUp } from './start-container.ts'

/** Seconds before SIGKILL, unless the request or the container says otherwise. */
const DEFAULT_TIMEOUT = 10

export interface StopOptions {
  signal?: string
  /** Seconds; a negative number waits for ever. */
  timeout?: number
}

const stopSignalOf = ({ record }: Container): number =>
  record.config.StopSignal ? parseSignal(record.config.StopSignal) : SIGTERM

/** Whether the signal is meant to end the container, which suspends its restart policy (moby daemon/kill.go, ExitOnNext). */
function endsIt(container: Container, signal: number): boolean {
  return signal === SIGKILL || !container.record.config.StopSignal || signal === stopSignalOf(container)
}

/**
 * Sends a signal under the lock. Any signal marks the container as stopped by hand; one that is meant to end it
 * suspends its restart policy, and thaws the container: a frozen process takes no signal but SIGKILL.
 */
async function signalContainer(context: EngineContext, container: Container, signal: number): Promise<void> {
  await container.lock.run(async () => {
    const { record, task } = container
    if (!container.isRunning) return
    const ends = endsIt(container, signal)
    if (ends) container.restartCancelled = true
    record.manuallyStopped = true
    await saveOrReport(context, container)
    if (record.state.status === 'restarting') return callOffRestart(context, container)
    await task?.signalUnlessEnded(signal)
    if (ends && record.state.status === 'paused' && (await task?.freeze(false)) === 'done') {
      record.state.status = nextState(container.view, 'unpause')
      await saveOrReport(context, container)
    }
    publishContainerEvent(context, container, 'kill', { signal: String(signal) })
  })
}

/** Resolves true when the container ended within `seconds`; a negative number waits for ever. */
function endsWithin(context: EngineContext, container: Container, seconds: number): Promise<boolean> {
  const ended = container.wait('not-running').then(() => true)
  if (seconds < 0) return ended
  return new Promise((resolve, reject) => {
    const cancel = context.clock.after(seconds * 1000, () => resolve(false))
    ended.then(() => (cancel(), resolve(true)), reject)
  })
}

/** Resolves when the container has ended, and its exit has been handled and saved. */
async function settled(container: Container): Promise<void> {
  await container.wait('not-running')
  await container.lock.run(() => Promise.resolve())
}

/** Sends the signal, waits, and sends SIGKILL when the container has not ended in time. */
async function bringDown(context: EngineContext, container: Container, options: StopOptions): Promise<void> {
  const signal = options.signal ? parseSignal(options.signal) : stopSignalOf(container)
  const timeout = options.timeout ?? container.record.config.StopTimeout ?? DEFAULT_TIMEOUT
  await signalContainer(context, container, signal)
  if (!(await endsWithin(context, container, timeout))) await signalContainer(context, container, SIGKILL)
  await settled(container)
}

export async function stopContainer(
  context: EngineContext,
  container: Container,
  options: StopOptions,
  calledBy = container.plainName,
): Promise<void> {
  nextState(container.view, 'stop')
  try {
    await bringDown(context, container, options)
  } catch (thrown) {
    throw EngineError.wrap(`cannot stop container: ${calledBy}`, thrown, 'internal')
  }
  publishContainerEvent(context, container, 'stop')
}

/** Sends a signal. SIGKILL waits for the end, as Docker's does; any other signal is only sent. */
export async function killContainer(
  context: EngineContext,
  container: Container,
  signalName = 'KILL',
  calledBy = container.plainName,
): Promise<void> {
  const signal = parseSignal(signalName)
  nextState(container.calledBy(calledBy), 'kill')
  await signalContainer(context, container, signal)
  if (signal === SIGKILL) await settled(container)
}

/** Starts the container; a failure is an `internal` error here, as it is with Docker. */
async function bringUpAgain(context: EngineContext, container: Container, calledBy: string): Promise<void> {
  try {
    await bringUp(context, container)
  } catch (thrown) {
    const { message, details } = EngineError.from(thrown)
    throw new EngineError('internal', `Cannot restart container ${calledBy}: ${message}`, details, thrown)
  }
}

/** @param between runs when the container has ended, before it starts again */
export async function restartContainer(
  context: EngineContext,
  container: Container,
  options: StopOptions,
  calledBy = container.plainName,
  between: () => Promise<void> = () => Promise.resolve(),
): Promise<void> {
  nextState(container.calledBy(calledBy), 'restart')
  if (container.isRunning) {
    container.beingRestarted = true
    try {
      await bringDown(context, container, options)
    } catch (thrown) {
      throw EngineError.wrap(`Cannot restart container ${calledBy}`, thrown, 'internal')
    } finally {
      container.beingRestarted = false
    }
    publishContainerEvent(context, container, 'stop')
  }
  await between()
  await container.lock.run(async () => {
    if (container.isRunning) return
    // A removal may have begun by now.
    nextState(container.calledBy(calledBy), 'restart')
    container.record.manuallyStopped = false
    container.restartCancelled = false
    await bringUpAgain(context, container, calledBy)
  })
  publishContainerEvent(context, container, 'restart')
}
