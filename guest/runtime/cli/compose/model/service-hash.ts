/** The hash that tells whether a container still matches its service (docker/compose pkg/compose/hash.go). */
import { createHash } from 'node:crypto'
import { inFieldOrder } from './decode-service.ts'
import { goJsonText } from './yaml/print-json.ts'
import type { Service } from './types.ts'

/** The sha256, in hexadecimal, of the service's JSON without the keys that don't concern a container. */
export function serviceHash(service: Service): string {
  const { build: _build, pull_policy: _policy, scale: _scale, ...rest } = inFieldOrder(service)
  const { deploy } = rest
  if (deploy !== undefined) {
    const { replicas: _replicas, ...kept } = deploy
    rest.deploy = kept
  }
  return createHash('sha256').update(goJsonText(rest)).digest('hex')
}
