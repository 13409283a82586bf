/** What the engine says of its objects → things. Each row is flat, so that one evaluator does for all. */
import type {
  ContainerInspect,
  ImageInspect,
  NetworkInspect,
  VolumeInspect,
} from '../../../../guest/protocol/api/engine-api.ts'
import type { Thing } from '../format/check.ts'
import { withLatest } from '../format/with-latest.ts'

const pairs = (record: Record<string, string> | null | undefined): string[] =>
  Object.entries(record ?? {}).map(([key, value]) => `${key}=${value}`)

const words = (list: readonly string[] | null | undefined): string => (list ?? []).join(' ')

export function containerThing(container: ContainerInspect): Thing {
  const { State, Config, HostConfig, NetworkSettings } = container
  return {
    name: container.Name.replace(/^\//, ''),
    image: withLatest(Config.Image),
    state: State.Status,
    health: State.Health?.Status ?? 'none',
    exit: State.ExitCode,
    oom: State.OOMKilled,
    restarts: container.RestartCount,
    command: words([container.Path, ...container.Args]),
    user: Config.User,
    hostname: Config.Hostname,
    workdir: Config.WorkingDir,
    env: Config.Env ?? [],
    labels: pairs(Config.Labels),
    memory: HostConfig.Memory,
    cpus: cpusOf(HostConfig),
    pids: HostConfig.PidsLimit ?? 0,
    readonly: HostConfig.ReadonlyRootfs,
    privileged: HostConfig.Privileged,
    restart: HostConfig.RestartPolicy.Name || 'no',
    network: HostConfig.NetworkMode,
    pid: HostConfig.PidMode,
    networks: Object.keys(NetworkSettings.Networks),
    ports: portsOf(container),
    mounts: mountsOf(container),
    'cap-add': capabilities(HostConfig.CapAdd),
    'cap-drop': capabilities(HostConfig.CapDrop),
    security: HostConfig.SecurityOpt ?? [],
  }
}

/** Both ways in which Docker can be told of a share of the processor. */
function cpusOf({ NanoCpus, CpuQuota, CpuPeriod }: ContainerInspect['HostConfig']): number {
  return NanoCpus > 0 ? NanoCpus / 1e9 : CpuQuota > 0 ? CpuQuota / (CpuPeriod || 100_000) : 0
}

/** `8080:80/tcp`, and `80/tcp` for one that is exposed alone; each address family counts once. */
function portsOf({ NetworkSettings }: ContainerInspect): string[] {
  const all = Object.entries(NetworkSettings.Ports).flatMap(([port, bindings]) =>
    bindings === null || bindings.length === 0
      ? [port]
      : bindings.map(({ HostPort }) => `${HostPort}:${port}`),
  )
  return [...new Set(all)]
}

/** `volume:data:/data:rw`; a bind mount names its source. */
function mountsOf({ Mounts }: ContainerInspect): string[] {
  return Mounts.map(
    ({ Type, Name, Source, Destination, RW }) =>
      `${Type}:${Name ?? Source}:${Destination}:${RW ? 'rw' : 'ro'}`,
  )
}

/** `NET_ADMIN`, as people write them. */
const capabilities = (list: readonly string[] | null): string[] =>
  (list ?? []).map((name) => name.replace(/^CAP_/, ''))

/** One thing for each of the image's tags, since each can be run, removed and pushed by itself. */
export function imageThings({ RepoTags, Size, RootFS, Config }: ImageInspect): Thing[] {
  const shared = {
    size: Size,
    layers: RootFS.Layers?.length ?? 0,
    command: words(Config.Cmd),
    entrypoint: words(Config.Entrypoint),
    user: Config.User ?? '',
    workdir: Config.WorkingDir ?? '',
    env: Config.Env ?? [],
    labels: pairs(Config.Labels),
    ports: Object.keys(Config.ExposedPorts ?? {}),
  }
  return RepoTags.map((tag) => ({ tag, ...shared }))
}

export function networkThing({ Name, Driver, Internal, IPAM, Containers }: NetworkInspect): Thing {
  return {
    name: Name,
    driver: Driver,
    internal: Internal,
    subnets: (IPAM.Config ?? []).flatMap(({ Subnet }) => (Subnet === undefined ? [] : [Subnet])),
    containers: Object.values(Containers ?? {}).map(({ Name }) => Name),
  }
}

export const volumeThing = ({ Name, Driver, Labels }: VolumeInspect): Thing => ({
  name: Name,
  driver: Driver,
  labels: pairs(Labels),
})
