/** Networks and sandboxes in memory, and on disk as one JSON file each below the data root's `network`. */
import { Mutex } from '../../../vocabulary/mutex.ts'
import { EngineError } from '../../../protocol/errors.ts'
import type { Files } from '../../host/files/files.ts'
import type { ProxiedPort } from '../../host/net/port-proxy.ts'
import type { NetworkDeps } from './network-deps.ts'
import { readRecord, recordText, type Fields, type FieldsOf } from '../../host/files/record-files.ts'
import type { FirewallPort } from './plan/firewall.ts'
import { ANY_ADDRESS, familyOf, IPV6_LOOPBACK, type Family } from './address/ip-address.ts'
import type { EndpointRecord, NetworkRecord, SandboxRecord } from './network-records.ts'

const NETWORK_FIELDS = {
  id: 'string',
  name: 'string',
  created: 'string',
  driver: 'string',
  options: 'object or null',
  labels: 'object or null',
  ipamConfig: 'array or null',
  userSubnets: 'array',
  pools: 'object',
} as const satisfies FieldsOf<NetworkRecord>

const SANDBOX_FIELDS = {
  containerId: 'string',
  name: 'string',
  id: 'string',
  endpoints: 'array',
  ports: 'array',
  extraHosts: 'array',
  publishedOn: 'object',
} as const satisfies FieldsOf<SandboxRecord>

export class NetworkStore {
  readonly networks = new Map<string, NetworkRecord>()
  /** Sandboxes by container id. */
  readonly sandboxes = new Map<string, SandboxRecord>()
  readonly #files: Files
  readonly #report: NetworkDeps['report']
  /** Keeps writes in their order. */
  readonly #writing = new Mutex()

  readonly #networkDir: string
  readonly #sandboxDir: string

  constructor({ files, paths, report }: Pick<NetworkDeps, 'files' | 'paths' | 'report'>) {
    this.#files = files
    this.#report = report
    this.#networkDir = `${paths.dataRoot}/network/networks`
    this.#sandboxDir = `${paths.dataRoot}/network/sandboxes`
  }

  async load(): Promise<void> {
    await this.#files.makeDirectory(this.#networkDir, 0o700)
    await this.#files.makeDirectory(this.#sandboxDir, 0o700)
    for (const record of await this.#readAll<NetworkRecord>(this.#networkDir, NETWORK_FIELDS))
      this.networks.set(record.id, record)
    for (const record of await this.#readAll<SandboxRecord>(this.#sandboxDir, SANDBOX_FIELDS)) {
      this.sandboxes.set(record.containerId, record)
    }
  }

  saveNetwork(network: NetworkRecord): Promise<void> {
    return this.#write(`${this.#networkDir}/${network.id}.json`, network)
  }

  saveSandbox(sandbox: SandboxRecord): Promise<void> {
    return this.#write(`${this.#sandboxDir}/${sandbox.containerId}.json`, sandbox)
  }

  /** Changes the record in memory at once, and back again when it cannot be written. */
  async setSandbox(sandbox: SandboxRecord): Promise<void> {
    const before = this.sandboxes.get(sandbox.containerId)
    this.sandboxes.set(sandbox.containerId, sandbox)
    try {
      await this.saveSandbox(sandbox)
    } catch (error) {
      if (before) this.sandboxes.set(sandbox.containerId, before)
      throw error
    }
  }

  /** Removes the file first, so that a network whose file cannot be removed is still known and can be removed again. */
  async forgetNetwork(id: string): Promise<void> {
    await this.#remove(`${this.#networkDir}/${id}.json`)
    this.networks.delete(id)
  }

  /** Removes a sandbox, its file first, for the same reason as `forgetNetwork`. */
  async forgetSandbox(containerId: string): Promise<void> {
    await this.#remove(`${this.#sandboxDir}/${containerId}.json`)
    this.sandboxes.delete(containerId)
  }

  /** Finds a network by its full id or name. */
  named(term: string): NetworkRecord | undefined {
    return this.networks.get(term) ?? [...this.networks.values()].find(({ name }) => name === term)
  }

  /** Finds a network, as Docker's FindNetwork does: by full id, then name, then unambiguous id prefix. */
  find(term: string): NetworkRecord {
    const exact = this.named(term)
    if (exact !== undefined) return exact
    const byPrefix = term === '' ? [] : [...this.networks.values()].filter(({ id }) => id.startsWith(term))
    if (byPrefix.length === 1) return byPrefix[0]!
    if (byPrefix.length > 1) {
      const matches = `${byPrefix.length} matches found based on ID prefix`
      throw new EngineError('invalid', `network ${term} is ambiguous (${matches})`)
    }
    throw new EngineError('not-found', `network ${term} not found`)
  }

  /** Finds a sandbox by the container's id, name or id prefix. */
  sandboxOf(term: string): SandboxRecord | undefined {
    const all = [...this.sandboxes.values()]
    const named = this.sandboxes.get(term) ?? all.find(({ name }) => name === term)
    return named ?? all.find(({ containerId }) => term !== '' && containerId.startsWith(term))
  }

  endpointsOn(networkId: string): { sandbox: SandboxRecord; endpoint: EndpointRecord }[] {
    return [...this.sandboxes.values()].flatMap((sandbox) =>
      sandbox.endpoints
        .filter((endpoint) => endpoint.networkId === networkId)
        .map((endpoint) => ({ sandbox, endpoint })),
    )
  }

  /** Addresses of both families that the network's endpoints have. */
  usedAddresses(networkId: string): Set<string> {
    const used = this.endpointsOn(networkId).flatMap(({ endpoint }) => Object.values(endpoint.addresses))
    return new Set(used.map(({ address }) => address))
  }

  /** Ports that other containers have. */
  takenPorts(containerId: string): SandboxRecord['ports'] {
    const others = [...this.sandboxes.values()].filter((one) => one.containerId !== containerId)
    return others.flatMap(({ ports }) => ports)
  }

  /** Reads all records of a directory. One that cannot be read is reported, and costs that one network or sandbox. */
  async #readAll<T extends object>(directory: string, fields: Fields): Promise<T[]> {
    const read: T[] = []
    for (const name of await this.#files.list(directory)) {
      const path = `${directory}/${name}`
      try {
        if (name.endsWith('.json')) read.push(await readRecord<T>(this.#files, path, fields))
        // The file is left of a write that an engine before this one did not finish.
        else await this.#files.remove(path)
      } catch (error) {
        this.#report('the networks', error)
      }
    }
    return read
  }

  #write(path: string, record: object): Promise<void> {
    const text = recordText(record)
    return this.#writing.run(() => this.#files.writeAtomically(path, text, 0o600))
  }

  #remove(path: string): Promise<void> {
    return this.#writing.run(async () => {
      if (await this.#files.exists(path)) await this.#files.remove(path)
    })
  }
}

/** The published ports with the container's address that each leads to. */
function targetsOf(sandbox: SandboxRecord): FirewallPort[] {
  const addressOf = (family: Family) => {
    const via = sandbox.endpoints.find(({ networkId }) => networkId === sandbox.publishedOn[family])
    return via?.addresses[family]?.address
  }
  return sandbox.ports.flatMap((port) => {
    const own = addressOf(familyOf(port.hostAddress))
    const address = own ?? addressOf(4)
    return address === undefined ? [] : [{ ...port, address }]
  })
}

/**
 * The ports that the firewall serves for a sandbox: those that lead to an address of their own family, except on IPv6's
 * loopback address.
 */
export function firewallPorts(sandbox: SandboxRecord): FirewallPort[] {
  return targetsOf(sandbox).filter(
    ({ hostAddress, address }) =>
      familyOf(hostAddress) === familyOf(address) && hostAddress !== IPV6_LOOPBACK,
  )
}

/**
 * The ports that the proxy serves because address translation cannot: ports of an IPv6 address that lead to an IPv4
 * address, and ::1, for which the kernel lets no other link answer. SCTP has no proxy, as no program of the guest can
 * speak it.
 */
export function proxiedPorts(sandbox: SandboxRecord): ProxiedPort[] {
  return targetsOf(sandbox).flatMap(({ protocol, ...rest }) => {
    const { hostAddress, address } = rest
    const isLoopback = hostAddress === IPV6_LOOPBACK || hostAddress === ANY_ADDRESS[6]
    const isProxied = isLoopback || familyOf(hostAddress) !== familyOf(address)
    return protocol === 'sctp' || !isProxied ? [] : [{ protocol, ...rest }]
  })
}
