/** Endpoints of Docker's API that cannot exist here, each with the reason that its client gets. */
import { EngineError } from '../../../../protocol/errors.ts'
import type { Method, Route } from '../api-types.ts'

/**
 * dockerd's answer when nobody started it with experimental features, which is its default (moby,
 * router/experimental.go).
 */
const EXPERIMENTAL =
  'This experimental feature is disabled by default. Start the Docker daemon in experimental mode in order to enable it.'

export const REFUSED: readonly { method: Method; pattern: string; reason: string }[] = [
  {
    method: 'POST',
    pattern: '/session',
    reason:
      'sessions belong to BuildKit, which is not here: build with the classic builder (DOCKER_BUILDKIT=0)',
  },
  { method: 'GET', pattern: '/containers/{id*}/checkpoints', reason: EXPERIMENTAL },
  { method: 'POST', pattern: '/containers/{id*}/checkpoints', reason: EXPERIMENTAL },
  { method: 'DELETE', pattern: '/containers/{id*}/checkpoints/{checkpoint}', reason: EXPERIMENTAL },
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
