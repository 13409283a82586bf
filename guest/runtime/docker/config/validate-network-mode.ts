/**
 * Checks a create request as it comes, before its defaults and its image are added (moby,
 * runconfig/hostconfig_unix.go): which options exclude each other, and which Linux lacks.
 */
import type { ContainerCreateRequest, HostConfig } from '../../../protocol/api/engine-api.ts'
import { EngineError } from '../../../protocol/errors.ts'

const invalid = (message: string) => new EngineError('invalid', message)

const conflict = (what: string) => invalid(`conflicting options: ${what}`)

const isFilled = (value: object | null | undefined) => Object.keys(value ?? {}).length > 0

/**
 * Refuses a host name, resolvers, hosts and ports for a container that joins another's network, as it has none of its
 * own.
 */
function validateJoinedNetwork(request: ContainerCreateRequest, host: Partial<HostConfig>): void {
  const [kind, other] = (host.NetworkMode ?? '').split(/:(.*)/s, 2)
  if (kind !== 'container') return
  if (!other) throw invalid('invalid network mode: invalid container format container:<name|id>')
  if (request.Hostname) throw conflict('hostname and the network mode')
  if (isFilled(host.Links))
    throw conflict("container type network can't be used with links. This would result in undefined behavior")
  if (isFilled(host.Dns)) throw conflict('dns and the network mode')
  if (isFilled(host.ExtraHosts)) throw conflict('custom host-to-IP mapping and the network mode')
  if (isFilled(host.PortBindings) || host.PublishAllPorts)
    throw conflict('port publishing and the container type network mode')
  if (isFilled(request.ExposedPorts)) throw conflict('port exposing and the container type network mode')
}

function validatePlatform(host: Partial<HostConfig>): void {
  if (!['', 'default'].includes(host.Isolation?.toLowerCase() ?? ''))
    throw invalid(`invalid isolation (${host.Isolation}): linux only supports 'default'`)
  if (host.IOMaximumBandwidth)
    throw invalid('invalid option: QoS maximum bandwidth configuration is not supported on linux')
  if (host.IOMaximumIOps)
    throw invalid('invalid option: QoS maximum IOPs configuration is not supported on linux')
  if (host.CpuRealtimePeriod || host.CpuRealtimeRuntime)
    throw invalid('kernel does not support CPU real-time scheduler')
  if ((host.CpuShares ?? 0) < 0)
    throw invalid(`invalid CPU shares (${host.CpuShares}): value must be a positive integer`)
}

export function validateConflicts(request: ContainerCreateRequest): void {
  const host = request.HostConfig
  if (!host) return
  validateJoinedNetwork(request, host)
  if (host.UTSMode === 'host' && request.Hostname) throw conflict('hostname and the UTS mode')
  if (host.NetworkMode === 'host' && isFilled(host.Links))
    throw conflict("host type networking can't be used with links. This would result in undefined behavior")
  validatePlatform(host)
}
