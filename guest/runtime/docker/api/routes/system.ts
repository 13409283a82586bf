/** Engine API 1.51, tag System. */
import type {
  EngineEvent,
  SystemDiskUsage,
  SystemInfo,
  SystemVersion,
} from '../../../../protocol/api/engine-api.ts'
import { API_VERSION, MINIMUM_API_VERSION } from '../../../../protocol/api/engine-api.ts'
import { EngineError } from '../../../../protocol/errors.ts'
import type { ImageService } from '../../image/image-service.ts'
import { imageSize } from '../../image/image-views.ts'
import { formatTime } from '../../../host/clock.ts'
import type { EngineContext } from '../../state/context.ts'
import { checkFilters } from '../../../../vocabulary/filters.ts'
import { parseTimestamp } from '../../../../vocabulary/timestamps.ts'
import { listContainers } from '../../inspect/list-containers.ts'
import { has } from '../api-changes.ts'
import { json, jsonLines, type ApiRequest, type ApiResponse, type Route } from '../api-types.ts'

export const ENGINE_VERSION = '0.1.0'

const EVENT_FILTERS =
  'config container daemon event image label network node plugin scope secret service type volume'.split(' ')

export function systemRoutes(context: EngineContext, images: ImageService): Route[] {
  return [
    { method: 'GET', pattern: '/_ping', handler: () => ping('OK') },
    { method: 'HEAD', pattern: '/_ping', handler: () => ping('') },
    { method: 'GET', pattern: '/version', handler: () => json(version(context)) },
    {
      method: 'GET',
      pattern: '/info',
      handler: async (request) => json(infoByVersion(await info(context, images), request)),
    },
    { method: 'GET', pattern: '/events', handler: (request) => events(context, request) },
    {
      method: 'GET',
      pattern: '/system/df',
      handler: async (request) => {
        const types = has(request, 'disk-usage-types') ? request.query.all('type') : []
        const usage = await diskUsage(context, images, types)
        if (has(request, 'image-no-virtual-size')) return json(usage)
        return json({
          ...usage,
          Images: usage.Images?.map((image) => ({ ...image, VirtualSize: image.Size })),
        })
      },
    },
  ]
}

/** `Builder-Version: 1` sends clients to the classic builder. */
function ping(text: string): ApiResponse {
  const headers = {
    'builder-version': '1',
    'cache-control': 'no-cache, no-store, must-revalidate',
    pragma: 'no-cache',
    'content-type': 'text/plain; charset=utf-8',
    swarm: 'inactive',
  }
  return { kind: 'text', status: 200, text, headers }
}

function version({ facts }: EngineContext): SystemVersion {
  const { node = '', v8 = '' } = process.versions
  const details = {
    ApiVersion: API_VERSION,
    Arch: '386',
    BuildTime: '',
    Experimental: 'false',
    GitCommit: facts.buildId.slice(0, 12),
    GoVersion: `node ${node}`,
    KernelVersion: facts.kernel,
    MinAPIVersion: MINIMUM_API_VERSION,
    Os: 'linux',
  }
  return {
    Platform: { Name: 'Porthole Engine' },
    Components: [
      { Name: 'Engine', Version: ENGINE_VERSION, Details: details },
      { Name: 'node', Version: node, Details: { V8: v8 } },
      { Name: 'launcher', Version: ENGINE_VERSION, Details: { GitCommit: facts.buildId.slice(0, 12) } },
    ],
    Version: ENGINE_VERSION,
    ApiVersion: API_VERSION,
    MinAPIVersion: MINIMUM_API_VERSION,
    GitCommit: details.GitCommit,
    GoVersion: details.GoVersion,
    Os: 'linux',
    Arch: '386',
    KernelVersion: facts.kernel,
    BuildTime: '',
  }
}

const NO_SWARM: SystemInfo['Swarm'] = {
  NodeID: '',
  NodeAddr: '',
  LocalNodeState: 'inactive',
  ControlAvailable: false,
  Error: '',
  RemoteManagers: null,
}

async function info(context: EngineContext, images: ImageService): Promise<SystemInfo> {
  const { facts, containers, paths } = context
  const states = containers.all().map(({ record }) => record.state.status)
  const count = (...wanted: string[]) => states.filter((state) => wanted.includes(state)).length
  const has = (controller: string) => facts.controllers.includes(controller)
  return {
    ID: facts.buildId,
    Containers: states.length,
    ContainersRunning: count('running', 'restarting'),
    ContainersPaused: count('paused'),
    ContainersStopped: count('created', 'exited', 'dead', 'removing'),
    Images: (await images.all()).length,
    Driver: 'overlay2',
    DriverStatus: [
      ['Backing Filesystem', 'tmpfs'],
      ['Supports d_type', 'true'],
      ['Native Overlay Diff', 'true'],
      ['Layers', '9p'],
    ],
    Plugins: {
      Volume: ['local'],
      Network: ['bridge', 'host', 'null'],
      Authorization: null,
      Log: ['json-file', 'local', 'none'],
    },
    MemoryLimit: has('memory'),
    SwapLimit: has('memory'),
    CpuCfsPeriod: has('cpu'),
    CpuCfsQuota: has('cpu'),
    CPUShares: has('cpu'),
    CPUSet: has('cpuset'),
    PidsLimit: has('pids'),
    IPv4Forwarding: true,
    OomKillDisable: false,
    Debug: false,
    NFd: 0,
    NGoroutines: 0,
    SystemTime: formatTime(context.clock.now()),
    LoggingDriver: 'json-file',
    CgroupDriver: 'cgroupfs',
    CgroupVersion: '2',
    NEventsListener: context.events.listeners,
    KernelVersion: facts.kernel,
    OperatingSystem: facts.operatingSystem,
    OSVersion: facts.osVersion,
    OSType: 'linux',
    Architecture: facts.machine,
    IndexServerAddress: 'https://index.docker.io/v1/',
    RegistryConfig: { IndexConfigs: {}, InsecureRegistryCIDRs: [], Mirrors: null },
    NCPU: facts.cpus,
    MemTotal: facts.memory,
    GenericResources: null,
    DockerRootDir: paths.dataRoot,
    HttpProxy: '',
    HttpsProxy: '',
    NoProxy: '',
    Name: facts.hostname,
    Labels: [],
    ExperimentalBuild: false,
    ServerVersion: ENGINE_VERSION,
    Runtimes: { runc: { path: paths.launcher } },
    DefaultRuntime: 'runc',
    Swarm: NO_SWARM,
    LiveRestoreEnabled: true,
    Isolation: '',
    InitBinary: 'docker-init',
    ContainerdCommit: { ID: '' },
    RuncCommit: { ID: '' },
    InitCommit: { ID: '' },
    SecurityOptions: ['name=seccomp,profile=builtin', 'name=cgroupns'],
    CDISpecDirs: null,
    Warnings: null,
  }
}

/**
 * Adds or leaves out the parts of the answer that came and went with API versions (moby, api/server/router/system,
 * getInfo).
 */
function infoByVersion(answer: SystemInfo, client: ApiRequest): object {
  const commit = (own: { ID: string }) =>
    has(client, 'info-no-expected-commits') ? own : { ...own, Expected: own.ID }
  return {
    ...answer,
    ContainerdCommit: commit(answer.ContainerdCommit),
    RuncCommit: commit(answer.RuncCommit),
    InitCommit: commit(answer.InitCommit),
    ...(!has(client, 'info-security-options') && {
      SecurityOptions: answer.SecurityOptions.map((option) => /name=([^,]*)/.exec(option)?.[1] ?? option),
    }),
    ...(!has(client, 'info-registry-config-short') && {
      RegistryConfig: {
        ...answer.RegistryConfig,
        AllowNondistributableArtifactsCIDRs: null,
        AllowNondistributableArtifactsHostnames: null,
      },
    }),
    ...(has(client, 'info-firewall-backend') && { FirewallBackend: { Driver: 'nftables' } }),
    ...(!has(client, 'info-no-bridge-nf') && { BridgeNfIptables: false, BridgeNfIp6tables: false }),
  }
}

function events(context: EngineContext, request: ApiRequest): ApiResponse {
  const { query, signal } = request
  const now = context.clock.now()
  const time = (key: 'since' | 'until') => {
    const text = query.text(key)
    return text === '' ? undefined : parseTimestamp(text, now)
  }
  const [since, until, filters] = [time('since'), time('until'), query.filters()]
  checkFilters(filters, EVENT_FILTERS)
  if (since !== undefined && until !== undefined && since > until)
    throw new EngineError(
      'invalid',
      `\`since\` time (${query.text('since')}) cannot be after \`until\` time (${query.text('until')})`,
    )
  const stream = context.events.stream({
    ...(since !== undefined && { since }),
    ...(until !== undefined && { until }),
    filters,
    signal,
  })
  return jsonLines(has(request, 'events-image-create') ? stream : withoutImageCreate(stream))
}

async function* withoutImageCreate(events: AsyncIterable<EngineEvent>): AsyncGenerator<EngineEvent> {
  for await (const event of events) if (event.Type !== 'image' || event.Action !== 'create') yield event
}

const DISK_USAGE_TYPES = ['container', 'image', 'volume', 'build-cache']

async function diskUsage(
  context: EngineContext,
  images: ImageService,
  types: readonly string[],
): Promise<Partial<SystemDiskUsage>> {
  const unknown = types.find((type) => !DISK_USAGE_TYPES.includes(type))
  if (unknown !== undefined)
    throw new EngineError('invalid', `unknown object type: ${unknown}`, { type: unknown })
  const wants = (type: string) => types.length === 0 || types.includes(type)
  const records = wants('image') ? await images.all() : []
  const layers = new Map(
    records.flatMap(({ layers }) => layers.map((layer) => [layer.diffId, layer.unpackedSize])),
  )
  return {
    LayersSize:
      records.length > 0
        ? [...layers.values()].reduce((sum, size) => sum + size, 0)
        : records.reduce((sum, image) => sum + imageSize(image), 0),
    Images: wants('image') ? await images.list({}, true, false) : [],
    Containers: wants('container')
      ? await listContainers(context, { all: true, size: true, limit: 0, filters: {} })
      : [],
    Volumes: wants('volume') ? await context.volumes.usage() : [],
    BuildCache: [],
  }
}
