/** Waits for a container's exit code; the wait is registered before the start, so that no exit is missed. */
import type { EngineApi } from '../../../../vocabulary/engine-client/engine-api.ts'
import type { CliSession } from '../session.ts'

/**
 * Resolves once the engine has the wait registered (its response head is here), with the promise of the exit code.
 * @param removed wait for the removal too, as `--rm` needs
 */
export async function waitForExit(
  session: CliSession,
  api: EngineApi,
  containerId: string,
  removed: boolean,
): Promise<{ exitCode: Promise<number> }> {
  const condition = removed ? 'removed' : 'next-exit'
  const { answer } = await api.begin('POST', `/containers/${containerId}/wait`, { query: { condition } })
  const exitCode = answer().then(async ({ Error: failure, StatusCode }) => {
    if (failure === undefined || failure === null) return StatusCode
    await session.stderr.write(`Error waiting for container: ${failure.Message}\n`)
    return 125
  })
  // Whoever awaits the code gets the failure; until then it must not count as unhandled.
  exitCode.catch(() => undefined)
  return { exitCode }
}
