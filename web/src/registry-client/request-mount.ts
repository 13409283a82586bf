import type { Digest } from '../../../guest/protocol/api/content.ts'
import type { RegistrySession } from './registry-session.ts'

/**
 * Asks the registry to mount a blob of another repository: 201 when it did, 202 when it opened an upload instead.
 * https://github.com/opencontainers/distribution-spec/blob/v1.1.0/spec.md#mounting-a-blob-from-another-repository
 */
export function requestMount(
  session: RegistrySession,
  repository: string,
  digest: Digest,
  from: string,
  signal?: AbortSignal,
): Promise<Response> {
  const query = new URLSearchParams({ mount: digest, from })
  return session.request({
    method: 'POST',
    url: `/v2/${repository}/blobs/uploads/?${query}`,
    scopes: [`repository:${repository}:pull,push`, `repository:${from}:pull`],
    signal,
  })
}
