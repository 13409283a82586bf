/** V8's sampling profiler, of the engine inside the guest and of this thread. */
import { Session } from 'node:inspector/promises'
import type { Profiler } from 'node:inspector'
import { GUEST_PATHS } from '../../../guest/protocol/paths.ts'
import { EngineError } from '../../../guest/protocol/errors.ts'
import { isRecord } from '../../../guest/protocol/wire/is-record.ts'
import type { HeadlessMachine } from './headless-machine.ts'
import { InspectorConnection } from './inspector-connection.ts'

export type Profile = Profiler.Profile

/** Node's, when SIGUSR1 opens the inspector: https://nodejs.org/en/learn/getting-started/debugging. */
const INSPECTOR_PORT = 9229

/** The guest's clock has ticks of milliseconds, so that a shorter interval gives no more. */
const INTERVAL_US = 1000

/** What the engine did while `work` ran. */
export async function profileEngine(
  machine: HeadlessMachine,
  work: () => Promise<unknown>,
): Promise<Profile> {
  await machine.output(`kill -USR1 $(cat ${GUEST_PATHS.cgroupRoot}/engine/cgroup.procs)`)
  const connection = await InspectorConnection.open(() =>
    machine.openStream({ service: 'tcp', port: INSPECTOR_PORT }),
  )
  try {
    await connection.call('Profiler.enable')
    await connection.call('Profiler.setSamplingInterval', { interval: INTERVAL_US })
    await connection.call('Profiler.start')
    await work()
    const result = await connection.call('Profiler.stop')
    if (!isRecord(result) || !isRecord(result.profile))
      throw new EngineError('internal', 'the inspector answered without a profile')
    return result.profile as unknown as Profile
  } finally {
    connection.close()
  }
}

/** What this thread did while `work` ran. */
export async function profileThisThread(work: () => Promise<unknown>): Promise<Profile> {
  const session = new Session()
  session.connect()
  try {
    await session.post('Profiler.enable')
    await session.post('Profiler.start')
    await work()
    return (await session.post('Profiler.stop')).profile
  } finally {
    session.disconnect()
  }
}
