/** Reads a create request as its client's API version means it (moby, api/server/router/container, postContainersCreate). */
import type {
  ContainerCreateRequest,
  EndpointSettings,
  HostConfig,
  MountRequest,
} from '../../../protocol/api/engine-api.ts'
import { EngineError } from '../../../protocol/errors.ts'
import { has, type ApiChange } from './api-changes.ts'

const invalid = (message: string) => new EngineError('invalid', message)

export interface VersionedCreate {
  request: ContainerCreateRequest
  warnings: string[]
  /** A read-only bind leaves the mounts below its source writable. */
  readOnlyNonRecursive: boolean
}

type Knows = (change: ApiChange) => boolean

const OPTIONS_OF = { BindOptions: 'bind', VolumeOptions: 'volume', TmpfsOptions: 'tmpfs' } as const

/**
 * Refuses a mount that has options of another type; for clients of before the change, drops them where Docker did not
 * look at them.
 */
function withOwnOptions(mount: MountRequest, knows: Knows): MountRequest {
  const result = { ...mount }
  for (const options of ['VolumeOptions', 'BindOptions', 'TmpfsOptions'] as const) {
    if (!mount[options] || mount.Type === OPTIONS_OF[options]) continue
    if (knows('create-mount-option-types'))
      throw invalid(`${options} must not be specified on mount type "${mount.Type}"`)
    if (options !== 'BindOptions') delete result[options]
  }
  return result
}

function mountFor(asked: MountRequest, knows: Knows): MountRequest {
  const mount = withOwnOptions(asked, knows)
  const { BindOptions: bind } = mount
  if (mount.Type === 'bind' && bind?.ReadOnlyForceRecursive && !knows('create-recursive-read-only'))
    throw invalid('BindOptions.ReadOnlyForceRecursive needs API v1.44 or newer')
  if (mount.VolumeOptions?.Subpath && !knows('create-volume-subpath'))
    throw invalid('VolumeOptions.Subpath needs API v1.45 or newer')
  if (mount.Type === 'image' && !knows('create-image-mount'))
    throw invalid('Mount type "Image" needs API v1.48 or newer')
  if (!bind) return mount
  return {
    ...mount,
    BindOptions: {
      ...bind,
      ...(!knows('create-non-recursive-bind') && { NonRecursive: false }),
      ...(!knows('create-mountpoint') && { CreateMountpoint: false }),
    },
  }
}

function hostConfigFor(asked: Partial<HostConfig>, knows: Knows): Partial<HostConfig> {
  const host = { ...asked }
  if (!host.NetworkMode || host.NetworkMode === 'default') host.NetworkMode = 'bridge'
  if (!knows('create-auto-remove')) host.AutoRemove = false
  if (!knows('create-private-ipc')) host.IpcMode ||= 'shareable'
  if (!knows('create-console-size')) host.ConsoleSize = [0, 0]
  if (!knows('create-annotations')) delete host.Annotations
  if (host.Mounts) host.Mounts = host.Mounts.map((mount) => mountFor(mount, knows))
  // Docker takes every number that is not positive for no limit.
  if ((host.PidsLimit ?? 0) <= 0) host.PidsLimit = null
  return host
}

type Endpoints = Record<string, EndpointSettings | null>

function endpointsFor({ NetworkingConfig }: ContainerCreateRequest, mode: string, knows: Knows): Endpoints {
  const endpoints: Endpoints = { ...NetworkingConfig?.EndpointsConfig }
  if (mode === 'bridge' && endpoints['default'] !== undefined) {
    endpoints['bridge'] = endpoints['default']
    delete endpoints['default']
  }
  const names = Object.keys(endpoints)
  if (names.length > 1 && !knows('create-many-endpoints'))
    throw invalid(`Container cannot be created with multiple network endpoints: ${names.join(', ')}`)
  for (const [name, endpoint] of Object.entries(endpoints)) {
    if (!endpoint) continue
    const { GwPriority, MacAddress, ...others } = endpoint
    endpoints[name] = {
      ...others,
      ...(GwPriority !== undefined && knows('create-gateway-priority') && { GwPriority }),
      ...(MacAddress !== undefined && knows('create-endpoint-mac') && { MacAddress }),
    }
  }
  return endpoints
}

const isShared = (mode: string) => mode === 'host' || /^container(:|$)/.test(mode)

/** The endpoint that an option of the whole container belongs to. Throws when the request names others alone. */
function mainEndpoint(endpoints: Endpoints, mode: string, knows: Knows): string {
  const [first] = Object.keys(endpoints)
  if (first === undefined || endpoints[mode]) return mode
  if (!knows('create-many-endpoints')) return first
  throw invalid('HostConfig.NetworkMode must match the identity of a network in NetworkSettings.Networks')
}

/** Moves the container's MAC address to its main endpoint. */
function placeMac(
  request: ContainerCreateRequest,
  endpoints: Endpoints,
  mode: string,
  knows: Knows,
): string[] {
  const address = request.MacAddress
  if (!address) return []
  const isPlaced = !isShared(mode) && mode !== 'none'
  if (!knows('create-endpoint-mac') && !isPlaced)
    throw invalid('conflicting options: mac-address and the network mode')
  if (isPlaced) {
    let name: string
    try {
      name = mainEndpoint(endpoints, mode, knows)
    } catch (thrown) {
      throw EngineError.wrap('unable to migrate container-wide MAC address to a specific network', thrown)
    }
    const own = endpoints[name]?.MacAddress
    if (own && own !== address)
      throw invalid(
        'the container-wide MAC address must match the endpoint-specific MAC address for the main network, or be left empty',
      )
    endpoints[name] = { ...endpoints[name], MacAddress: address }
  }
  if (!knows('create-endpoint-mac')) return []
  delete request.MacAddress
  return [
    'The container-wide MacAddress field is now deprecated. It should be specified in EndpointsConfig instead.',
  ]
}

function volumeDriverWarning({ VolumeDriver, Mounts }: Partial<HostConfig>, knows: Knows): string[] {
  const isIgnored = (mount: MountRequest) =>
    mount.Type === 'volume' && !mount.VolumeOptions?.DriverConfig?.Name
  if (!VolumeDriver || !knows('create-volume-driver-warning') || !Mounts?.some(isIgnored)) return []
  return [
    "WARNING: the container-wide volume-driver configuration is ignored for volumes specified via 'mount'. Use '--mount type=volume,volume-driver=...' instead",
  ]
}

/**
 * Refuses sysctls of one interface: which interface it is shows only once the container runs, so they belong to an
 * endpoint.
 */
function checkSysctls({ Sysctls, NetworkMode = '' }: Partial<HostConfig>, knows: Knows): void {
  if (isShared(NetworkMode) || !knows('create-endpoint-sysctls')) return
  for (const name of Object.keys(Sysctls ?? {}))
    if (/^net\.[^.]*\.[^.]*\.eth[^.]*\../.test(name))
      throw new EngineError(
        'internal',
        `interface specific sysctl setting "${name}" must be supplied using driver option 'com.docker.network.endpoint.sysctls'`,
      )
}

export function createByVersion(asked: ContainerCreateRequest, version: string): VersionedCreate {
  const knows: Knows = (change) => has({ version }, change)
  const host = hostConfigFor(asked.HostConfig ?? {}, knows)
  const mode = host.NetworkMode!
  const endpoints = endpointsFor(asked, mode, knows)
  const request = { ...asked, HostConfig: host, NetworkingConfig: { EndpointsConfig: endpoints } }
  if (request.Healthcheck && !knows('create-health-start-interval'))
    request.Healthcheck = { ...request.Healthcheck, StartInterval: 0 }
  const warnings = [...volumeDriverWarning(host, knows), ...placeMac(request, endpoints, mode, knows)]
  checkSysctls(host, knows)
  return { request, warnings, readOnlyNonRecursive: !knows('create-recursive-read-only') }
}
