/** Sends `POST /containers/<id>/attach`, which becomes a byte stream. */
import type { ByteStream } from '../../../../protocol/wire/byte-stream.ts'
import type { EngineApi } from '../../../../vocabulary/engine-client/engine-api.ts'

export async function attachStream(
  api: EngineApi,
  id: string,
  streams: { stdin: boolean; stdout: boolean; stderr: boolean },
  detachKeys: string,
): Promise<ByteStream> {
  const flag = (on: boolean): number | undefined => (on ? 1 : undefined)
  const query = {
    stream: 1,
    stdin: flag(streams.stdin),
    stdout: flag(streams.stdout),
    stderr: flag(streams.stderr),
    detachKeys: detachKeys || undefined,
  }
  return (await api.upgrade(`/containers/${encodeURIComponent(id)}/attach`, { query })).stream
}
