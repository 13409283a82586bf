import type { ComposeValue } from './compose-yaml.ts'

/** The labels by which Compose knows its containers, networks and volumes (docker/compose pkg/api/labels.go). */
export const COMPOSE_LABEL = {
  project: 'com.docker.compose.project',
  service: 'com.docker.compose.service',
  number: 'com.docker.compose.container-number',
  network: 'com.docker.compose.network',
  volume: 'com.docker.compose.volume',
  oneOff: 'com.docker.compose.oneoff',
  dependsOn: 'com.docker.compose.depends_on',
} as const

/** What labels of the user's own do not begin with. */
const NOT_OWN = /^com\.docker\.(compose|volume)\./

/**
 * Labels that somebody wrote, without Docker's own and without those that `inherited` has with the same value. Compose would take
 * a key of a map that begins with `x-` for an extension and drop it; then they are a list.
 */
export function ownLabels(
  labels: Record<string, string> | null | undefined,
  inherited: Record<string, string> | null | undefined = {},
): ComposeValue | undefined {
  const own = Object.entries(labels ?? {}).filter(
    ([key, value]) => !NOT_OWN.test(key) && inherited?.[key] !== value,
  )
  if (own.length === 0) return undefined
  const isList = own.some(([key]) => key.startsWith('x-'))
  return isList ? own.map(([key, value]) => `${key}=${value}`) : Object.fromEntries(own)
}
