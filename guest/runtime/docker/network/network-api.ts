/**
 * The network service as the container services and the API need it. network-service.ts implements it; semantics are
 * Docker's (https://docs.docker.com/engine/network/), JSON shapes those of the Engine API 1.51, tag Network.
 */
import type {
  EndpointSettings,
  NetworkCreateRequest,
  NetworkInspect,
  NetworkSettings,
  PortMap,
} from '../../../protocol/api/engine-api.ts'
import type { Step } from '../../plan/plan.ts'

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
  /** Containers whose names are in /etc/hosts, for links on the default bridge. */
  links?: { alias: string; containerId: string }[]
  /** The other container's namespace path, for container:<id>. */
  joinPath?: string
}

/** What dockerd puts before the reason when a container's network cannot be set up. */
export const NETWORK_FAILURE = 'failed to set up container networking'

export interface Sandbox {
  /** The path of the OCI configuration's network namespace; undefined for host mode. */
  netnsPath?: string
  /** Contents of the files Docker bind-mounts on /etc/hosts and /etc/resolv.conf. */
  hosts: string
  resolvConf: string
  /** The first steps of the container's launch plan; none where the namespace is another's. */
  setUp: readonly Step[]
  /** The plan's last steps; they may run when the set-up did not. */
  tearDown: readonly Step[]
}

export interface NetworkService {
  /**
   * Makes the default networks (bridge, host, none) when they are missing, and takes the sandboxes of live containers
   * over from kernel state and records.
   */
  recover(liveContainerIds: string[]): Promise<void>
  /**
   * Checks the endpoints of a container yet to be created. Throws `invalid`; a network that does not exist is no fault
   * before the start.
   */
  validate(endpoints: Record<string, EndpointSettings>): void
  /** Takes addresses and ports, and records them. The kernel's part are the steps of the sandbox. */
  setUp(request: SandboxRequest): Promise<Sandbox>
  /**
   * Releases addresses, ports, veth and namespace; does nothing when they are released already.
   * @param cleanedUp the sandbox's own steps have been run to their end
   */
  tearDown(containerId: string, cleanedUp?: boolean): Promise<void>
  settings(containerId: string): NetworkSettings | undefined
  /** New content for the hosts file of a running container, after a connect, disconnect, rename or unlink. */
  hosts(containerId: string): string | undefined
  rename(containerId: string, name: string): Promise<void>
  /** Removes a link from the container's hosts file. */
  unlink(containerId: string, alias: string): Promise<void>

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
