/**
 * What the container services and the API need of networks. Implemented by network-service.ts; Docker's semantics
 * (https://docs.docker.com/engine/network/) and JSON shapes (Engine API 1.51, tag Network).
 */
import type {
  EndpointSettings,
  NetworkCreateRequest,
  NetworkInspect,
  NetworkSettings,
  PortMap,
} from '../../../protocol/api/engine-api.ts'

export interface SandboxRequest {
  containerId: string
  name: string
  hostname: string
  domainname: string
  /** HostConfig.NetworkMode: bridge, host, none, container:<id>, or a network's name or id. */
  networkMode: string
  endpoints: Record<string, EndpointSettings>
  portBindings: PortMap
  exposedPorts: string[]
  publishAllPorts: boolean
  dns: string[]
  dnsSearch: string[]
  dnsOptions: string[]
  extraHosts: string[]
  /** For container:<id>: the other container's namespace path. */
  joinPath?: string
}

export interface Sandbox {
  /** For the OCI spec's network namespace; undefined for host mode. */
  netnsPath?: string
  /** Contents of the files Docker bind-mounts on /etc/hosts and /etc/resolv.conf. */
  hosts: string
  resolvConf: string
  settings: NetworkSettings
}

export interface NetworkService {
  /** Default networks (bridge, host, none) exist afterwards; sandboxes of live containers are taken over from kernel state and records. */
  recover(liveContainerIds: string[]): Promise<void>
  /** Of a container yet to be created. Throws `invalid`; a network that is not there is no fault before the start. */
  validate(endpoints: Record<string, EndpointSettings>): void
  setUp(request: SandboxRequest): Promise<Sandbox>
  /** Idempotent; releases addresses, ports, veth and namespace. */
  tearDown(containerId: string): Promise<void>
  settings(containerId: string): NetworkSettings | undefined
  /** After connect/disconnect/rename of a running container: new contents for its hosts file. */
  hosts(containerId: string): string | undefined
  rename(containerId: string, name: string): Promise<void>

  list(filters: Record<string, string[]>): Promise<NetworkInspect[]>
  inspect(nameOrId: string): Promise<NetworkInspect>
  create(request: NetworkCreateRequest): Promise<{ Id: string; Warning: string }>
  remove(nameOrId: string): Promise<void>
  connect(
    nameOrId: string,
    container: SandboxRequest,
    endpoint: EndpointSettings,
    running: boolean,
  ): Promise<void>
  disconnect(nameOrId: string, containerId: string, force: boolean): Promise<void>
  prune(filters: Record<string, string[]>): Promise<string[]>
  /** Answers a DNS message that came to 127.0.0.11 in a container's namespace (RFC 1035 wire format both ways). */
  resolve(containerId: string, query: Uint8Array): Promise<Uint8Array>
}
