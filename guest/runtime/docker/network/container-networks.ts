/** Sandboxes: a container's network namespace, connections and ports, from its start to its end. */
import { EngineError } from '../../../protocol/errors.ts'
import type { EndpointSettings } from '../../../protocol/api/engine-api.ts'
import { ContainerFiles } from './names/container-files.ts'
import { gatewayEndpoints, validateEndpoint } from './endpoint.ts'
import { newNamespace, type NamespacePool, type PreparedNamespace } from './namespace-pool.ts'
import type { NetworkDeps, NetworkEvent } from './network-deps.ts'
import { NETWORK_FAILURE, type Sandbox, type SandboxRequest } from './network-api.ts'
import { type NetworkRecord, type SandboxRecord } from './network-records.ts'
import { firewallPorts, type NetworkStore } from './network-store.ts'
import {
  checkShareable,
  connectionsOf,
  endpointFor,
  makeSandbox,
  publication,
  type SandboxContext,
} from './sandbox.ts'
import { replaceSandbox } from './replace-sandbox.ts'
import { closeProxied, openProxied } from './sandbox-ports.ts'
import { connectPlan, disconnectPlan, hostLinks, setUpSteps, tearDownSteps } from './plan/sandbox-plan.ts'

const CONTAINER_MODE = 'container:'

export class ContainerNetworks {
  readonly #deps: NetworkDeps
  readonly #store: NetworkStore
  readonly #pool: NamespacePool
  readonly #files: ContainerFiles
  /** The records, by container id, whose kernel part is in launch plans of this engine. */
  readonly #planned = new Map<string, SandboxRecord>()
  #portCursor = 0

  constructor(deps: NetworkDeps, store: NetworkStore, pool: NamespacePool) {
    this.#deps = deps
    this.#store = store
    this.#pool = pool
    this.#files = new ContainerFiles(deps.files, store)
  }

  async setUp(request: SandboxRequest): Promise<Sandbox> {
    if (request.networkMode.startsWith(CONTAINER_MODE)) return this.#join(request)
    try {
      return await this.#setUp(request)
    } catch (thrown) {
      throw EngineError.wrap(NETWORK_FAILURE, thrown)
    }
  }

  async #setUp(request: SandboxRequest): Promise<Sandbox> {
    const stale = this.#store.sandboxes.has(request.containerId)
    if (stale) await this.tearDown(request.containerId)
    const sandbox = makeSandbox(request, this.#context())
    const isHost = sandbox.endpoints.some((one) => this.#driverOf(one.networkId) === 'host')
    const prepared = isHost ? undefined : this.#namespaceFor(sandbox)
    // The record holds its addresses and ports from here on; the kernel's answer decides whether it stays.
    this.#store.sandboxes.set(sandbox.containerId, sandbox)
    try {
      await this.#store.saveSandbox(sandbox)
      if (prepared) await openProxied(this.#deps.proxy, sandbox)
      const files = await this.#files.both(sandbox, isHost)
      this.#advancePortCursor(sandbox)
      this.#planned.set(sandbox.containerId, sandbox)
      this.#emitAll('connect', sandbox)
      return { netnsPath: sandbox.netnsPath, ...files, ...this.#stepsOf(sandbox, prepared) }
    } catch (error) {
      // Whatever cannot be taken down now stays in the record, and is taken down with the container.
      await this.tearDown(sandbox.containerId).catch((failure: unknown) =>
        this.#deps.report(`the network sandbox of container ${sandbox.containerId}`, failure),
      )
      throw error
    }
  }

  /** Checks the endpoints of a container yet to be created against the networks that exist already. */
  validate(endpoints: Record<string, EndpointSettings>): void {
    const faults = Object.entries(endpoints).flatMap(([name, settings]) => {
      const network = this.#store.named(name)
      if (network === undefined) return []
      try {
        validateEndpoint(network, settings)
        return []
      } catch (thrown) {
        return [`invalid config for network ${name}: ${EngineError.from(thrown).message}`]
      }
    })
    if (faults.length > 0) throw new EngineError('invalid', faults.join('\n'))
  }

  /** A prepared namespace when the first network is a bridge, else one to be made. Writes its names into the record. */
  #namespaceFor(sandbox: SandboxRecord): PreparedNamespace & { exists: boolean } {
    const first = sandbox.endpoints[0]
    const pooled = first?.hostLink === undefined ? undefined : this.#pool.take()
    const namespace = pooled ?? newNamespace(this.#deps, sandbox.id)
    sandbox.id = namespace.sandboxId
    sandbox.netnsPath = namespace.path
    if (pooled !== undefined && first !== undefined) first.hostLink = pooled.hostLink
    return { ...namespace, exists: pooled !== undefined }
  }

  #stepsOf(
    sandbox: SandboxRecord,
    namespace: (PreparedNamespace & { exists: boolean }) | undefined,
  ): Pick<Sandbox, 'setUp' | 'tearDown'> {
    if (namespace === undefined) return { setUp: [], tearDown: [] }
    const { path: netnsPath, exists } = namespace
    const connections = connectionsOf(sandbox, this.#store)
    const ports = firewallPorts(sandbox)
    return {
      setUp: setUpSteps({
        netnsPath,
        exists,
        connections: connections.map((one, index) => ({ ...one, prepared: exists && index === 0 })),
        gateways: gatewayEndpoints(sandbox.endpoints, this.#store.networks),
        ports,
      }),
      tearDown: tearDownSteps({ netnsPath, connections, ports }),
    }
  }

  /** Joins the namespace and files of another container, for container:<id>; there is nothing to take down afterwards. */
  async #join(request: SandboxRequest): Promise<Sandbox> {
    const term = request.networkMode.slice(CONTAINER_MODE.length)
    const other = this.#store.sandboxOf(term)
    if (other === undefined) {
      throw new EngineError('conflict', `cannot join network namespace of a non running container: ${term}`)
    }
    const netnsPath = request.joinPath ?? other.netnsPath
    const isHost = other.netnsPath === undefined
    return { netnsPath, ...(await this.#files.both(other, isHost)), setUp: [], tearDown: [] }
  }

  async tearDown(containerId: string, cleanedUp = false): Promise<void> {
    const sandbox = this.#store.sandboxes.get(containerId)
    if (sandbox === undefined) return
    closeProxied(this.#deps.proxy, sandbox)
    const { netnsPath } = sandbox
    if (netnsPath !== undefined) {
      const connections = connectionsOf(sandbox, this.#store)
      const ports = firewallPorts(sandbox)
      // The steps of a launch plan do not know what was connected and disconnected since.
      const isDown = cleanedUp && this.#planned.get(containerId) === sandbox
      if (!isDown) await this.#deps.launcher.run({ steps: tearDownSteps({ netnsPath, connections, ports }) })
      this.#pool.deleteLater(hostLinks(connections))
    }
    this.#planned.delete(containerId)
    await this.#store.forgetSandbox(containerId)
    this.#emitAll('disconnect', sandbox)
  }

  async connect(
    nameOrId: string,
    container: SandboxRequest,
    settings: EndpointSettings,
    running: boolean,
  ): Promise<void> {
    const network = this.#store.find(nameOrId)
    this.#checkConnectable(network, container)
    validateEndpoint(network, settings)
    if (!running) return
    const sandbox = this.#running(container.containerId)
    if (sandbox.endpoints.some(({ networkId }) => networkId === network.id)) {
      throw new EngineError(
        'forbidden',
        `endpoint with name ${container.name} already exists in network ${network.name}`,
      )
    }
    const endpoint = endpointFor(sandbox, network, settings, this.#context())
    const next = { ...sandbox, endpoints: [...sandbox.endpoints, endpoint] }
    Object.assign(next, publication(next, this.#context()))
    await replaceSandbox(
      this.#deps,
      this.#store,
      sandbox,
      next,
      connectPlan(this.#change(sandbox, { endpoint, network }, next)),
    )
    this.#emit('connect', network, sandbox.containerId)
  }

  /** Disconnects a running container. One that does not run has no sandbox, and the caller changes its configuration. */
  async disconnect(nameOrId: string, containerId: string, force: boolean): Promise<void> {
    const network = this.#store.find(nameOrId)
    if (network.driver === 'host') {
      throw new EngineError(
        'invalid',
        'container cannot be disconnected from host network or connected to host network',
      )
    }
    const sandbox = this.#store.sandboxes.get(containerId)
    if (sandbox === undefined) return
    const endpoint = sandbox.endpoints.find(({ networkId }) => networkId === network.id)
    if (endpoint === undefined) {
      if (force) throw new EngineError('not-found', `endpoint ${sandbox.name} not found`)
      // dockerd answers 500, as its error has no kind (moby daemon/container_operations.go).
      throw new EngineError(
        'internal',
        `container ${containerId} is not connected to network ${network.name}`,
      )
    }
    const next = { ...sandbox, endpoints: sandbox.endpoints.filter((one) => one !== endpoint) }
    Object.assign(next, publication(next, this.#context()))
    await replaceSandbox(
      this.#deps,
      this.#store,
      sandbox,
      next,
      disconnectPlan(this.#change(sandbox, { endpoint, network }, next)),
    )
    this.#emit('disconnect', network, containerId)
  }

  #change(
    sandbox: SandboxRecord,
    connection: { endpoint: SandboxRecord['endpoints'][number]; network: NetworkRecord },
    next: SandboxRecord,
  ): Parameters<typeof connectPlan>[0] {
    const before = firewallPorts(sandbox)
    const after = firewallPorts(next)
    const same = JSON.stringify(before) === JSON.stringify(after)
    return {
      netnsPath: sandbox.netnsPath!,
      connection,
      gateways: gatewayEndpoints(next.endpoints, this.#store.networks),
      unpublish: same ? [] : before,
      publish: same ? [] : after,
    }
  }

  #checkConnectable(network: NetworkRecord, container: SandboxRequest): void {
    const mode = container.networkMode
    if (mode === 'host' || mode.startsWith(CONTAINER_MODE)) {
      checkShareable({ ...network, driver: 'host' })
    }
    if (network.driver === 'host') {
      throw new EngineError(
        'invalid',
        'cannot connect container to host network - container must be created in host network mode',
      )
    }
    const isNone = mode === 'none' && Object.keys(container.endpoints).some((name) => name === 'none')
    if (network.driver === 'null' || isNone) checkShareable({ ...network, driver: 'null' })
  }

  #running(containerId: string): SandboxRecord {
    const sandbox = this.#store.sandboxes.get(containerId)
    if (sandbox?.netnsPath !== undefined) return sandbox
    throw new EngineError('conflict', `container ${containerId} has no network namespace of its own`)
  }

  hosts(containerId: string): string | undefined {
    const sandbox = this.#store.sandboxes.get(containerId)
    return sandbox && this.#files.hosts(sandbox)
  }

  async rename(containerId: string, name: string): Promise<void> {
    const sandbox = this.#store.sandboxes.get(containerId)
    if (sandbox === undefined) return
    const renamed = (names: string[]) => [...new Set(names.map((one) => (one === sandbox.name ? name : one)))]
    const endpoints = sandbox.endpoints.map((one) => ({ ...one, dnsNames: renamed(one.dnsNames) }))
    await this.#store.setSandbox({ ...sandbox, name, endpoints })
  }

  async unlink(containerId: string, alias: string): Promise<void> {
    const sandbox = this.#store.sandboxes.get(containerId)
    if (sandbox === undefined) return
    const next = { ...sandbox, links: sandbox.links?.filter((link) => link.alias !== alias) ?? [] }
    await this.#store.setSandbox(next)
  }

  #context(): SandboxContext {
    return { store: this.#store, randomHex: this.#deps.randomHex, portCursor: this.#portCursor }
  }

  #advancePortCursor(sandbox: SandboxRecord): void {
    const last = sandbox.ports.at(-1)
    if (last !== undefined) this.#portCursor = last.hostPort + 1
  }

  #driverOf(networkId: string): NetworkRecord['driver'] | undefined {
    return this.#store.networks.get(networkId)?.driver
  }

  #emitAll(action: NetworkEvent['action'], sandbox: SandboxRecord): void {
    for (const { network } of connectionsOf(sandbox, this.#store))
      this.#emit(action, network, sandbox.containerId)
  }

  #emit(action: NetworkEvent['action'], network: NetworkRecord, containerId: string): void {
    const { id: networkId, name: networkName, driver } = network
    this.#deps.onEvent?.({ action, networkId, networkName, driver, containerId })
  }
}
