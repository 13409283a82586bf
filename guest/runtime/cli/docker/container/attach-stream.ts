/** POST /containers/<id>/attach, hijacked. */
import type { EngineApi } from '../../../../vocabulary/engine-client/engine-api.ts'
import type { CliSession } from '../../shared/session.ts'
import { upgradeDirectly, type AttachedStream } from '../../shared/stream/direct.ts'

/** @param session attaches itself where it can; empty for a reader of the output in the command line */
export function attachStream(
  session: Pick<CliSession, 'attach'>,
  api: EngineApi,
  id: string,
  streams: { stdin: boolean; stdout: boolean; stderr: boolean },
  detachKeys: string,
): Promise<AttachedStream> {
  const flag = (on: boolean): number | undefined => (on ? 1 : undefined)
  const query = {
    stream: 1,
    stdin: flag(streams.stdin),
    stdout: flag(streams.stdout),
    stderr: flag(streams.stderr),
    detachKeys: detachKeys || undefined,
  }
  const path = `/containers/${encodeURIComponent(id)}/attach`
  return upgradeDirectly(session, (direct) => api.upgrade(path, { query, ...(direct && { direct }) }))
}
