/** The names that one container sees, and whose they are. Pure. */
import type { Names } from './dns.ts'
import type { Family } from '../address/ip-address.ts'
import {
  isUserDefined,
  type EndpointRecord,
  type NetworkRecord,
  type SandboxRecord,
} from '../network-records.ts'

interface Neighbour {
  endpoint: EndpointRecord
  sandbox: SandboxRecord
  network: NetworkRecord
}

/**
 * The names on the sandbox's user-defined networks; each also with the network's name behind a dot. A name that several
 * containers have is answered with all their addresses, in an order that `shuffle` chooses.
 */
export function namesFor(
  sandbox: SandboxRecord,
  sandboxes: readonly SandboxRecord[],
  networks: ReadonlyMap<string, NetworkRecord>,
  shuffle: (addresses: string[], family: Family) => string[],
): Names {
  const neighbours = sandbox.endpoints.flatMap(({ networkId }) =>
    neighboursOn(networkId, sandboxes, networks),
  )
  const ndots = sandbox.dnsOptions.find((option) => option.startsWith('ndots:'))
  return {
    addressesOf(name, family) {
      const wanted = targetOf(name.replace(/\.$/, ''), sandbox).toLowerCase()
      const found = neighbours.filter((neighbour) => answersTo(neighbour, wanted))
      const addresses = found.flatMap(({ endpoint }) => endpoint.addresses[family]?.address ?? [])
      return found.length === 0 ? undefined : shuffle([...new Set(addresses)], family)
    },
    nameOf(address) {
      const owner = neighbours.find(({ endpoint }) =>
        Object.values(endpoint.addresses).some((one) => one.address === address),
      )
      return owner && `${owner.endpoint.dnsNames[0] ?? owner.sandbox.name}.${owner.network.name}`
    },
    singleLabelsStayInside: ndots !== undefined && ndots !== 'ndots:0',
  }
}

function neighboursOn(
  networkId: string,
  sandboxes: readonly SandboxRecord[],
  networks: ReadonlyMap<string, NetworkRecord>,
): Neighbour[] {
  const network = networks.get(networkId)
  if (network === undefined || !isUserDefined(network.name)) return []
  return sandboxes.flatMap((sandbox) =>
    sandbox.endpoints
      .filter((endpoint) => endpoint.networkId === networkId && endpoint.interface !== undefined)
      .map((endpoint) => ({ endpoint, sandbox, network })),
  )
}

function answersTo({ endpoint, network }: Neighbour, wanted: string): boolean {
  return endpoint.dnsNames.some((name) => {
    const own = name.toLowerCase()
    return wanted === own || wanted === `${own}.${network.name.toLowerCase()}`
  })
}

/** The container that a name means: with `--link other:alias`, the alias means the other in this container alone. */
function targetOf(name: string, sandbox: SandboxRecord): string {
  for (const { requested } of sandbox.endpoints) {
    for (const link of requested.Links ?? []) {
      const [target, alias] = link.split(':')
      if (target !== undefined && (alias ?? target).toLowerCase() === name.toLowerCase()) return target
    }
  }
  return name
}
