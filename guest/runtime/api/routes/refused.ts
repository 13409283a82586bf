/** Endpoints of Docker's API that cannot exist here, each with the reason that a client is told. */
import { EngineError } from '../../../protocol/errors.ts'
import type { Method, Route } from '../api-types.ts'

export const REFUSED: readonly { method: Method; pattern: string; reason: string }[] = [
  {
    method: 'POST',
    pattern: '/session',
    reason:
      'sessions belong to BuildKit, which is not here: build with the classic builder (DOCKER_BUILDKIT=0)',
  },
  {
    method: 'PUT',
    pattern: '/volumes/{name}',
    reason: 'only cluster volumes can be updated, and they belong to swarm',
  },
]

export function refusedRoutes(): Route[] {
  return REFUSED.map(({ method, pattern, reason }) => ({
    method,
    pattern,
    handler: () => {
      throw new EngineError('not-supported', reason)
    },
  }))
}
