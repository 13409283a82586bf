/** `GET /containers/{id}/json` and the entries of `GET /containers/json`. */
import { ifKnown } from '../../../protocol/errors.ts'
import type {
  ContainerInspect,
  ContainerState,
  ContainerSummary,
  EndpointSettings,
  NetworkSettings,
  PortMap,
  PortSummary,
} from '../../../protocol/api/engine-api.ts'
import { parseTime, ZERO_TIME } from '../../host/clock.ts'
import type { Container } from '../state/container.ts'
import type { ContainerRecord } from '../state/container-record.ts'
import type { EngineContext } from '../state/context.ts'
import { humanDuration } from '../../../vocabulary/human-duration.ts'
import { containerLayers } from '../layer/init-layer.ts'
import { logPath } from '../stream/log-file.ts'
import { shownLinks } from '../config/legacy-links.ts'
import { etcFiles } from '../config/container-spec.ts'

export function containerState({ record: { state }, status }: Container): ContainerState {
  const running = status === 'running' || status === 'paused' || status === 'restarting'
  return {
    Status: status,
    Running: running,
    Paused: status === 'paused',
    Restarting: status === 'restarting',
    OOMKilled: state.oomKilled,
    Dead: status === 'dead',
    Pid: state.pid,
    ExitCode: state.exitCode,
    Error: state.error,
    StartedAt: state.startedAt,
    FinishedAt: state.finishedAt,
    ...(state.health && { Health: state.health }),
  }
}

/**
 * Docker's one-line state (container/state.go).
 * @param now nanoseconds since the epoch
 */
export function statusText({ record: { state }, status }: Container, now: bigint): string {
  const since = (time: string) => humanDuration(Math.max(0, Number(now - (parseTime(time) ?? now)) / 1e9))
  switch (status) {
    case 'created':
      return 'Created'
    case 'running': {
      const health =
        state.health &&
        { starting: 'health: starting', none: '', healthy: 'healthy', unhealthy: 'unhealthy' }[
          state.health.Status
        ]
      return `Up ${since(state.startedAt)}${health ? ` (${health})` : ''}`
    }
    case 'paused':
      return `Up ${since(state.startedAt)} (Paused)`
    case 'restarting':
      return `Restarting (${state.exitCode}) ${since(state.finishedAt)} ago`
    case 'removing':
      return 'Removal In Progress'
    case 'dead':
      return 'Dead'
    case 'exited':
      return state.finishedAt === ZERO_TIME ? '' : `Exited (${state.exitCode}) ${since(state.finishedAt)} ago`
  }
}

const NO_ENDPOINT = {
  EndpointID: '',
  Gateway: '',
  GlobalIPv6Address: '',
  GlobalIPv6PrefixLen: 0,
  IPAddress: '',
  IPPrefixLen: 0,
  IPv6Gateway: '',
  MacAddress: '',
}

/** The fields are in the order in which Docker writes and clients print them. */
const IDLE_ENDPOINT: Required<EndpointSettings> = {
  IPAMConfig: null,
  Links: null,
  Aliases: null,
  MacAddress: '',
  DriverOpts: null,
  GwPriority: 0,
  NetworkID: '',
  EndpointID: '',
  Gateway: '',
  IPAddress: '',
  IPPrefixLen: 0,
  IPv6Gateway: '',
  GlobalIPv6Address: '',
  GlobalIPv6PrefixLen: 0,
  DNSNames: null,
}

/** The settings of a container without a process: its networks as configured, without addresses. */
function idleSettings({ hostConfig, endpoints }: ContainerRecord): NetworkSettings {
  const mode = hostConfig.NetworkMode
  const names = new Set(Object.keys(endpoints))
  if (!mode.startsWith('container:')) names.add(mode)
  const networks: Record<string, EndpointSettings> = {}
  for (const name of names) {
    networks[name] = { ...IDLE_ENDPOINT, ...endpoints[name] }
  }
  return {
    Bridge: '',
    SandboxID: '',
    SandboxKey: '',
    Ports: {},
    HairpinMode: false,
    LinkLocalIPv6Address: '',
    LinkLocalIPv6PrefixLen: 0,
    SecondaryIPAddresses: null,
    SecondaryIPv6Addresses: null,
    ...NO_ENDPOINT,
    Networks: networks,
  }
}

export function networkSettings(context: EngineContext, { record }: Container): NetworkSettings {
  return context.networks.settings(record.id) ?? idleSettings(record)
}

export function inspectContainer(context: EngineContext, container: Container): ContainerInspect {
  const { record } = container
  const { paths } = context
  const etc = etcFiles(context, record.id)
  const overlay = `${paths.overlay}/${record.id}`
  const execs = [...container.execIds].filter((id) => context.execs.isRunning(id))
  return {
    Id: record.id,
    Created: record.created,
    Path: record.path,
    Args: record.args,
    State: containerState(container),
    Image: record.image,
    ResolvConfPath: etc.resolvConf,
    HostnamePath: etc.hostname,
    HostsPath: etc.hosts,
    LogPath: record.hostConfig.LogConfig.Type === 'none' ? '' : logPath(context, record.id),
    Name: record.name,
    RestartCount: record.restartCount,
    Driver: 'overlay2',
    Platform: 'linux',
    MountLabel: '',
    ProcessLabel: '',
    AppArmorProfile: '',
    ExecIDs: execs.length > 0 ? execs : null,
    HostConfig: { ...record.hostConfig, Links: shownLinks(context, record) },
    GraphDriver: {
      Name: 'overlay2',
      Data: {
        ID: record.id,
        LowerDir: containerLayers(paths, record.layers).join(':'),
        MergedDir: record.state.pid > 0 ? `/proc/${record.state.pid}/root` : `${overlay}/merged`,
        UpperDir: `${overlay}/diff`,
        WorkDir: `${overlay}/work`,
      },
    },
    Mounts: record.mounts.filter(({ hidden }) => !hidden).map(({ point }) => point),
    Config: record.config,
    NetworkSettings: networkSettings(context, container),
  }
}

export function portSummaries(ports: PortMap): PortSummary[] {
  return Object.entries(ports).flatMap(([port, bindings]): PortSummary[] => {
    const [number = '0', Type = 'tcp'] = port.split('/')
    const PrivatePort = Number(number)
    if (!bindings || bindings.length === 0) return [{ PrivatePort, Type }]
    return bindings.map(({ HostIp, HostPort }) => ({
      IP: HostIp,
      PrivatePort,
      PublicPort: Number(HostPort),
      Type,
    }))
  })
}

/** An argument as Docker shows it in COMMAND: quoted when it has a space. */
const shown = (argument: string) => (/\s/.test(argument) ? `'${argument}'` : argument)

export function summarizeContainer(context: EngineContext, container: Container): ContainerSummary {
  const { record } = container
  const settings = networkSettings(context, container)
  const { NetworkMode, Annotations } = record.hostConfig
  return {
    Id: record.id,
    Names: context.containers.namesOf(container),
    Image: record.config.Image,
    ImageID: record.image,
    Command: [record.path, ...record.args.map(shown)].join(' '),
    Created: Number((parseTime(record.created) ?? 0n) / 1_000_000_000n),
    Ports: container.isRunning ? portSummaries(settings.Ports) : [],
    Labels: record.config.Labels,
    State: container.status,
    Status: statusText(container, context.clock.now()),
    HostConfig: { NetworkMode, ...(Annotations && { Annotations }) },
    NetworkSettings: { Networks: settings.Networks },
    Mounts: record.mounts.filter(({ hidden }) => !hidden).map(({ point }) => point),
  }
}

/** Bytes of the container's own layer, and of that layer with the image's. */
export async function containerSize(
  context: EngineContext,
  { record }: Container,
): Promise<{ SizeRw: number; SizeRootFs: number }> {
  const SizeRw = await context.files.usage(`${context.paths.overlay}/${record.id}/diff`)
  const image = record.image ? await ifKnown(context.images.find(record.image)) : undefined
  const layers = image?.layers.reduce((sum, { unpackedSize }) => sum + unpackedSize, 0) ?? 0
  return { SizeRw, SizeRootFs: SizeRw + layers }
}
