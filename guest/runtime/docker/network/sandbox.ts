/** Makes a sandbox from a container's request: which networks, which addresses, which ports. Pure but for `randomHex`. */
import { EngineError } from '../../../protocol/errors.ts'
import type { EndpointSettings } from '../../../protocol/api/engine-api.ts'
import { freeInterface, makeEndpoint, publishingEndpoints, type Gateways } from './endpoint.ts'
import type { Family } from './address/ip-address.ts'
import type { SandboxRequest } from './network-api.ts'
import { readBridgeOptions } from './network-options.ts'
import {
  isUserDefined,
  type EndpointRecord,
  type NetworkRecord,
  type SandboxRecord,
} from './network-records.ts'
import type { NetworkStore } from './network-store.ts'
import { allocatePorts, portRequests } from './ports.ts'
import type { Connection } from './plan/sandbox-plan.ts'

export interface SandboxContext {
  store: NetworkStore
  randomHex(bytes: number): string
  /** The port at which the search for ephemeral ports begins. */
  portCursor: number
}

/** The networks that a request names: its mode's first, then the others by name. */
export function networksOf(
  request: SandboxRequest,
  store: NetworkStore,
): { network: NetworkRecord; settings: EndpointSettings }[] {
  const mode =
    request.networkMode === 'default' || request.networkMode === '' ? 'bridge' : request.networkMode
  const byId = new Map<string, { network: NetworkRecord; settings: EndpointSettings }>()
  const names = Object.keys(request.endpoints)
  for (const name of names.length > 0 ? names : [mode]) {
    const network = store.find(name)
    byId.set(network.id, { network, settings: request.endpoints[name] ?? {} })
  }
  const first = names.length > 0 && !isKnown(mode, store) ? undefined : store.find(mode).id
  const rank = (network: NetworkRecord) => (network.id === first ? '' : network.name)
  const wanted = [...byId.values()].sort((a, b) => (rank(a.network) < rank(b.network) ? -1 : 1))
  if (wanted.length > 1) wanted.forEach(({ network }) => checkShareable(network))
  return wanted
}

/** Whether the mode names a network that exists; it may have been removed after the container left it. */
function isKnown(mode: string, store: NetworkStore): boolean {
  return [...store.networks.values()].some(({ id, name }) => name === mode || id.startsWith(mode))
}

/** Refuses host and none, which cannot be one of several networks. */
export function checkShareable(network: NetworkRecord): void {
  if (network.driver === 'host') {
    throw new EngineError(
      'invalid',
      'container sharing network namespace with another container or host cannot be connected to any other network',
    )
  }
  if (network.driver === 'null') {
    throw new EngineError(
      'invalid',
      'container cannot be connected to multiple networks with one of the networks in private (none) mode',
    )
  }
}

/** Makes a sandbox. Throws when a network, address or port can't be had; nothing is taken then. */
export function makeSandbox(request: SandboxRequest, context: SandboxContext): SandboxRecord {
  const wanted = networksOf(request, context.store)
  const sandbox: SandboxRecord = {
    containerId: request.containerId,
    name: request.name,
    hostname: request.hostname,
    domainname: request.domainname,
    id: context.randomHex(32),
    dns: request.dns,
    dnsSearch: request.dnsSearch,
    dnsOptions: request.dnsOptions,
    extraHosts: request.extraHosts,
    links: request.links ?? [],
    exposedPorts: request.exposedPorts,
    portBindings: request.portBindings,
    publishAllPorts: request.publishAllPorts,
    endpoints: [],
    ports: [],
    publishedOn: {},
  }
  for (const { network, settings } of wanted) {
    sandbox.endpoints.push(endpointFor(sandbox, network, settings, context))
  }
  return { ...sandbox, ...publication(sandbox, context) }
}

export function endpointFor(
  sandbox: SandboxRecord,
  network: NetworkRecord,
  settings: EndpointSettings,
  { store, randomHex }: SandboxContext,
): EndpointRecord {
  return makeEndpoint({
    network,
    used: store.usedAddresses(network.id),
    settings,
    container: sandbox,
    id: randomHex(32),
    linkSuffix: randomHex(4).slice(0, 7),
    interface: freeInterface(sandbox.endpoints),
  })
}

/**
 * Decides which ports are published through which networks, given the sandbox's endpoints. Ports once allocated stay as
 * long as host addresses of the same families lead to the container.
 */
export function publication(
  sandbox: SandboxRecord,
  { store, portCursor }: SandboxContext,
): Pick<SandboxRecord, 'ports' | 'publishedOn'> {
  const via = publishingEndpoints(sandbox.endpoints, store.networks)
  const [first] = Object.values(via)
  if (first === undefined) return { ports: [], publishedOn: {} }
  const publishedOn = Object.fromEntries(
    Object.entries(via).map(([family, { networkId }]) => [family, networkId]),
  )
  const families = servedFamilies(via)
  const isSame = servedFamilies(sandbox.publishedOn).join() === families.join()
  if (isSame && sandbox.ports.length > 0) return { ports: sandbox.ports, publishedOn }
  const { hostBinding } = readBridgeOptions(store.networks.get(first.networkId)!.options)
  const requests = portRequests(sandbox.portBindings, sandbox.exposedPorts, sandbox.publishAllPorts, {
    families,
    defaultHostAddress: hostBinding,
  })
  const taken = store.takenPorts(sandbox.containerId)
  try {
    return { ports: allocatePorts(requests, taken, portCursor), publishedOn }
  } catch (error) {
    const cause = EngineError.from(error)
    if (cause.code === 'invalid') throw cause
    throw notPublished(sandbox, first, cause)
  }
}

/**
 * The families of host addresses that lead to the container. IPv4 endpoints also serve the guest's IPv6 addresses, by
 * proxy.
 */
function servedFamilies(via: Gateways | SandboxRecord['publishedOn']): Family[] {
  if (via[4] !== undefined) return [4, 6]
  return via[6] === undefined ? [] : [6]
}

/** The failure of a publication, in Docker's words. */
export function notPublished(
  { name }: Pick<SandboxRecord, 'name'>,
  { id }: Pick<EndpointRecord, 'id'>,
  cause: EngineError,
): EngineError {
  const what = `driver failed programming external connectivity on endpoint ${name} (${id})`
  return new EngineError(cause.code, `${what}: ${cause.message}`, cause.details, cause)
}

export function connectionsOf(sandbox: SandboxRecord, store: NetworkStore): Connection[] {
  return sandbox.endpoints.flatMap((endpoint) => {
    const network = store.networks.get(endpoint.networkId)
    return network === undefined ? [] : [{ endpoint, network }]
  })
}

/** Whether the embedded name server answers the container, as it does on a user-defined network. */
export function hasEmbeddedDns(sandbox: SandboxRecord, store: NetworkStore): boolean {
  return connectionsOf(sandbox, store).some(({ network }) => isUserDefined(network.name))
}
