import { GUEST_PATHS } from '../../../guest/protocol/paths.ts'
import { EngineError } from '../../../guest/protocol/errors.ts'
import { EngineClient } from '../../../web/src/client/engine-client.ts'
import { runOnConsole } from './console-command.ts'
import type { HeadlessMachine } from './headless-machine.ts'

const KILL = `kill -9 $(cat ${GUEST_PATHS.cgroupRoot}/engine/cgroup.procs)`

/** Kills the engine; resolves when the next one answers. */
export async function restartEngine(machine: HeadlessMachine): Promise<void> {
  await runOnConsole(machine.guest.machine.console, KILL)
  const client = new EngineClient(machine.transport)
  for (;;) {
    try {
      await client.version()
      return
    } catch (error) {
      // Each question waits for an engine, and dies with the one that was killed.
      if (EngineError.from(error).code !== 'unavailable') throw error
    }
  }
}
