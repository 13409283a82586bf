/** Networks with Docker's semantics: runs the plans of this folder and keeps its records. */
import { Mutex } from '../../../vocabulary/mutex.ts'
import { EngineError } from '../../../protocol/errors.ts'
import type {
  EndpointSettings,
  NetworkCreateRequest,
  NetworkInspect,
  NetworkSettings,
} from '../../../protocol/api/engine-api.ts'
import { ContainerNetworks } from './container-networks.ts'
import { EmbeddedDns } from './names/embedded-dns.ts'
import { localBlock } from './address/ipam.ts'
import { NamespacePool } from './namespace-pool.ts'
import { networkFromRequest, predefinedNetwork, type CreateContext } from './network-create.ts'
import type { NetworkDeps, NetworkEvent } from './network-deps.ts'
import { filterNetworks, pruneCandidates } from './network-filters.ts'
import { networkDetails, networkJson, settingsJson } from './network-json.ts'
import { lowerNetwork, raiseNetwork, reconcile, survey } from './network-links.ts'
import { PREDEFINED, type NetworkRecord } from './network-records.ts'
import { NetworkStore } from './network-store.ts'
import { foreignPrefixes } from './recovery.ts'
import { openProxied } from './sandbox-ports.ts'
import type { NetworkService, Sandbox, SandboxRequest } from './network-api.ts'

class PlannedNetworkService implements NetworkService {
  readonly #deps: NetworkDeps
  readonly #store: NetworkStore
  readonly #pool: NamespacePool
  readonly #containers: ContainerNetworks
  readonly #dns: EmbeddedDns
  /** Networks are made and removed one at a time, so that each choice of a subnet sees all the others. */
  readonly #changing = new Mutex()

  constructor(deps: NetworkDeps) {
    this.#deps = deps
    this.#store = new NetworkStore(deps)
    this.#pool = new NamespacePool(deps)
    this.#dns = new EmbeddedDns(deps, this.#store)
    this.#containers = new ContainerNetworks(deps, this.#store, this.#pool)
  }

  recover(liveContainerIds: string[]): Promise<void> {
    return this.#changing.run(async () => {
      await this.#store.load()
      await this.#deps.files.makeDirectory(this.#deps.paths.netns, 0o755)
      const live = new Set(liveContainerIds)
      const dead = [...this.#store.sandboxes.keys()].filter((id) => !live.has(id))
      for (const id of dead) await this.#store.forgetSandbox(id)
      const before = await survey(this.#deps)
      await this.#ensurePredefined(foreignPrefixes(before, [...this.#store.networks.values()]))
      const pooled = this.#pool.contents()
      const input = {
        store: this.#store,
        netnsDir: this.#deps.paths.netns,
        survey: before,
        netnsNames: await this.#deps.files.list(this.#deps.paths.netns),
        poolLinks: pooled.map(({ hostLink }) => hostLink),
        poolPaths: pooled.map(({ path }) => path),
      }
      await reconcile(input, this.#deps)
      await this.#openProxied()
      for (const network of this.#store.networks.values()) await this.#store.saveNetwork(network)
      this.#pool.refill()
    })
  }

  /** Opens the proxied ports of live containers again, as the listeners ended with the engine before this one. */
  async #openProxied(): Promise<void> {
    for (const sandbox of this.#store.sandboxes.values()) {
      await openProxied(this.#deps.proxy, sandbox).catch((error: unknown) =>
        this.#deps.report('a published port', error),
      )
    }
  }

  async #ensurePredefined(reserved: ReturnType<typeof foreignPrefixes>): Promise<void> {
    const existing = [...this.#store.networks.values()]
    const taken = existing.flatMap(({ pools }) => Object.values(pools).map(({ subnet }) => subnet))
    for (const name of PREDEFINED) {
      if (existing.some((network) => network.name === name)) continue
      const context = { ...this.#identity(), networks: existing, reserved: [...reserved, ...taken] }
      const network = predefinedNetwork(name, context)
      this.#store.networks.set(network.id, network)
    }
  }

  #identity(): Pick<CreateContext, 'id' | 'created' | 'ipv6Block'> {
    const { randomHex, now, hostId } = this.#deps
    return { id: randomHex(32), created: now().toISOString(), ipv6Block: localBlock(hostId) }
  }

  validate(endpoints: Record<string, EndpointSettings>): void {
    this.#containers.validate(endpoints)
  }

  setUp(request: SandboxRequest): Promise<Sandbox> {
    return this.#containers.setUp(request)
  }

  tearDown(containerId: string, cleanedUp?: boolean): Promise<void> {
    return this.#containers.tearDown(containerId, cleanedUp)
  }

  settings(containerId: string): NetworkSettings | undefined {
    const sandbox = this.#store.sandboxes.get(containerId)
    return sandbox && settingsJson(sandbox, this.#store.networks)
  }

  hosts(containerId: string): string | undefined {
    return this.#containers.hosts(containerId)
  }

  rename(containerId: string, name: string): Promise<void> {
    return this.#containers.rename(containerId, name)
  }

  unlink(containerId: string, alias: string): Promise<void> {
    return this.#containers.unlink(containerId, alias)
  }

  async list(filters: Record<string, string[]>): Promise<NetworkInspect[]> {
    const all = [...this.#store.networks.values()]
    return filterNetworks(all, filters, (network) => this.#isInUse(network)).map(networkJson)
  }

  async inspect(nameOrId: string): Promise<NetworkInspect> {
    return networkDetails(this.#store.find(nameOrId), this.#store.sandboxes.values())
  }

  create(request: NetworkCreateRequest): Promise<{ Id: string; Warning: string }> {
    return this.#changing.run(async () => {
      const before = await survey(this.#deps)
      const networks = [...this.#store.networks.values()]
      const context = { ...this.#identity(), networks, reserved: foreignPrefixes(before, networks) }
      const network = networkFromRequest(request, context)
      await raiseNetwork(network, before, this.#deps)
      await this.#keep(network)
      this.#emit('create', network)
      return { Id: network.id, Warning: '' }
    })
  }

  /** Saves a new network; when that fails, takes the network down again. */
  async #keep(network: NetworkRecord): Promise<void> {
    try {
      this.#store.networks.set(network.id, network)
      await this.#store.saveNetwork(network)
    } catch (error) {
      this.#store.networks.delete(network.id)
      await lowerNetwork(network, this.#deps).catch((failure: unknown) =>
        this.#deps.report(`the undoing of network ${network.name}`, failure),
      )
      throw error
    }
  }

  remove(nameOrId: string): Promise<void> {
    return this.#changing.run(() => this.#remove(this.#store.find(nameOrId)))
  }

  async #remove(network: NetworkRecord): Promise<void> {
    if ((PREDEFINED as readonly string[]).includes(network.name)) {
      const message = `${network.name} is a pre-defined network and cannot be removed`
      throw new EngineError('forbidden', message)
    }
    const users = this.#store.endpointsOn(network.id)
    if (users.length > 0) {
      const names = users.map(
        ({ sandbox, endpoint }) => `name:"${sandbox.name}" id:"${endpoint.id.slice(0, 12)}"`,
      )
      const message = `error while removing network: network ${network.name} has active endpoints (${names.join(', ')})`
      throw new EngineError('forbidden', message, { containers: users.map(({ sandbox }) => sandbox.name) })
    }
    // The network disappears first, so that no container joins it during its removal.
    this.#store.networks.delete(network.id)
    try {
      await lowerNetwork(network, this.#deps)
      await this.#store.forgetNetwork(network.id)
    } catch (error) {
      this.#store.networks.set(network.id, network)
      throw error
    }
    this.#emit('destroy', network)
  }

  connect(
    nameOrId: string,
    container: SandboxRequest,
    endpoint: EndpointSettings,
    running: boolean,
  ): Promise<void> {
    return this.#containers.connect(nameOrId, container, endpoint, running)
  }

  disconnect(nameOrId: string, containerId: string, force: boolean): Promise<void> {
    return this.#containers.disconnect(nameOrId, containerId, force)
  }

  prune(filters: Record<string, string[]>): Promise<string[]> {
    return this.#changing.run(async () => {
      const all = [...this.#store.networks.values()]
      const unused = pruneCandidates(all, filters, this.#deps.now(), (network) => this.#isInUse(network))
      for (const network of unused) await this.#remove(network)
      return unused.map(({ name }) => name)
    })
  }

  resolve(containerId: string, query: Uint8Array): Promise<Uint8Array> {
    return this.#dns.resolve(containerId, query)
  }

  poolFilled(): Promise<void> {
    return this.#pool.filled()
  }

  #isInUse(network: NetworkRecord): boolean {
    return this.#store.endpointsOn(network.id).length > 0
  }

  #emit(action: NetworkEvent['action'], network: NetworkRecord): void {
    const { id: networkId, name: networkName, driver } = network
    this.#deps.onEvent?.({ action, networkId, networkName, driver })
  }
}

export interface CreatedNetworkService extends NetworkService {
  /** Resolves when the pool of prepared namespaces is full, as it must be before the snapshot. */
  poolFilled(): Promise<void>
}

/** `recover` must have resolved before anything else is called. */
export function createNetworkService(deps: NetworkDeps): CreatedNetworkService {
  return new PlannedNetworkService(deps)
}
