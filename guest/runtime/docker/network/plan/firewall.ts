/**
 * The engine's firewall: an nf_tables table for each family, whose rules never change. Networks and published ports are
 * elements of its sets and maps, so each addition or removal is one atomic element. It has Docker's semantics with
 * `userland-proxy: false` (https://docs.docker.com/engine/network/packet-filtering-firewalls/), except that a published
 * port can also be reached from containers of other bridges, as Docker's proxy allows.
 */
import { addressBytes, ANY_ADDRESS, familyOf, IPV6_LOOPBACK, type Family } from '../address/ip-address.ts'
import { u16be, u8 } from '../netlink/message.ts'
import {
  CT_STATE,
  CT_STATUS,
  compare,
  destinationNat,
  loadMeta,
  loadPayload,
  lookUp,
  maskRegister,
  masquerade,
  matchConnection,
  matchLocalAddress,
  verdict,
  type Expression,
} from '../netlink/nf-expressions.ts'
import {
  addElements,
  deleteTable,
  interfaceName,
  newChain,
  newRule,
  newSet,
  newTable,
  part,
  removeElements,
  transaction,
  type BaseChain,
  type Element,
  type Table,
} from '../netlink/nf-tables.ts'

/** The tables have the names of dockerd's. */
const TABLE = {
  4: { family: 4, name: 'docker-bridges' },
  6: { family: 6, name: 'docker-bridges' },
} as const satisfies Record<Family, Table>
const FAMILIES: readonly Family[] = [4, 6]

export interface FirewallNetwork {
  bridge: string
  /** The families of which the network has a subnet. */
  families: readonly Family[]
  internal: boolean
  masquerade: boolean
}

export type PortProtocol = 'tcp' | 'udp' | 'sctp'

export interface FirewallPort {
  protocol: PortProtocol
  /** 0.0.0.0 and [::] stand for every address of the guest of that family. */
  hostAddress: string
  hostPort: number
  /** The container's address. */
  address: string
  port: number
}

/** The values of linux/in.h. */
export const PROTOCOL_NUMBER = { tcp: 6, udp: 17, sctp: 132 } as const satisfies Record<PortProtocol, number>

/** How a family's tables name its addresses, and where those are in packets and registers. */
const ADDRESS = {
  4: { type: 'ipv4_addr', destination: 'ipDestination', registers: 1 },
  6: { type: 'ipv6_addr', destination: 'ip6Destination', registers: 4 },
} as const

const sets = (family: Family) => {
  const { type } = ADDRESS[family]
  return [
    { name: 'bridges', key: ['ifname'] },
    { name: 'internal', key: ['ifname'] },
    { name: 'masqueraded', key: ['ifname'] },
    { name: 'same-bridge', key: ['ifname', 'ifname'] },
    { name: 'published', key: ['inet_proto', 'inet_service'], data: [type, 'inet_service'] },
    { name: 'published-at', key: [type, 'inet_proto', 'inet_service'], data: [type, 'inet_service'] },
  ] as const
}

type SetName = ReturnType<typeof sets>[number]['name']

const CHAINS: readonly Omit<BaseChain, 'table'>[] = [
  { name: 'raw-PREROUTING', type: 'filter', hook: 'prerouting', priority: 'raw' },
  { name: 'nat-PREROUTING', type: 'nat', hook: 'prerouting', priority: 'dstnat' },
  { name: 'nat-OUTPUT', type: 'nat', hook: 'output', priority: 'dstnat' },
  { name: 'filter-FORWARD', type: 'filter', hook: 'forward', priority: 'filter' },
  { name: 'nat-POSTROUTING', type: 'nat', hook: 'postrouting', priority: 'srcnat' },
]

const bothInterfaces = (): Expression[] => [
  loadMeta('iifname'),
  loadMeta('oifname', 4),
  lookUp('same-bridge'),
]

function isOn(key: 'iifname' | 'oifname', set: SetName): Expression[] {
  return [loadMeta(key), lookUp(set)]
}

/** Matches a destination in 127.0.0.0/8. */
const loopbackDestination = (): Expression[] => [
  loadPayload('ipDestination'),
  maskRegister(Uint8Array.of(255, 0, 0, 0)),
  compare('==', Uint8Array.of(127, 0, 0, 0)),
]

/** Leaves ::1 out, whose packets never leave the loopback interface: the engine's proxy answers there. */
function beyondLoopback(family: Family): Expression[] {
  return family === 4 ? [] : [loadPayload('ip6Destination'), compare('!=', addressBytes(IPV6_LOOPBACK))]
}

function publishedPorts(chain: string, family: Family): [string, string, Expression[]][] {
  const { destination, registers } = ADDRESS[family]
  const local = [...beyondLoopback(family), matchLocalAddress('destination')]
  const at = [
    loadPayload(destination),
    loadMeta('l4proto', registers),
    loadPayload('transportDestinationPort', registers + 1),
    lookUp('published-at', { map: true }),
    destinationNat(family),
  ]
  const anywhere = [
    loadMeta('l4proto'),
    loadPayload('transportDestinationPort', 1),
    lookUp('published', { map: true }),
    destinationNat(family),
  ]
  return [
    [chain, 'ports published on one address', [...local, ...at]],
    [chain, 'published ports', [...local, ...anywhere]],
  ]
}

/**
 * Keeps containers from the guest's loopback: route_localnet, which lets the guest reach published ports at 127.0.0.1,
 * would let them in. IPv6 has no such switch.
 */
const LOOPBACK_RULES: [string, string, Expression[]][] = [
  [
    'raw-PREROUTING',
    'loopback is not for containers',
    [...isOn('iifname', 'bridges'), ...loopbackDestination(), verdict('drop')],
  ],
]

/** The rules in their order, each as chain, comment and expressions. */
function rules(family: Family): [string, string, Expression[]][] {
  const established = matchConnection('state', CT_STATE.established | CT_STATE.related)
  const published = matchConnection('status', CT_STATUS.dstNat)
  return [
    ...(family === 4 ? LOOPBACK_RULES : []),
    ...publishedPorts('nat-PREROUTING', family),
    ...publishedPorts('nat-OUTPUT', family),
    ['filter-FORWARD', 'answers', [established, verdict('accept')]],
    ['filter-FORWARD', 'within a network', [...bothInterfaces(), verdict('accept')]],
    ['filter-FORWARD', 'nothing out of internal networks', [...isOn('iifname', 'internal'), verdict('drop')]],
    ['filter-FORWARD', 'nothing into internal networks', [...isOn('oifname', 'internal'), verdict('drop')]],
    ['filter-FORWARD', 'published ports', [published, verdict('accept')]],
    ['filter-FORWARD', 'isolation', [...isOn('oifname', 'bridges'), verdict('drop')]],
    // The answer to a container that reaches itself or a neighbour through the guest must come back through the guest,
    // too.
    ['nat-POSTROUTING', 'hairpin', [published, ...bothInterfaces(), masquerade()]],
    ['nat-POSTROUTING', 'out of networks', [...isOn('iifname', 'masqueraded'), masquerade()]],
    [
      'nat-POSTROUTING',
      'the guest itself',
      [matchLocalAddress('source'), ...isOn('oifname', 'bridges'), masquerade()],
    ],
  ]
}

/** Replaces the whole tables, for recovery and the first start. */
export function replaceFirewall(
  networks: readonly FirewallNetwork[],
  ports: readonly FirewallPort[],
): Uint8Array[] {
  return transaction([
    ...FAMILIES.flatMap(emptyTable),
    ...networks.flatMap((network) => networkElements(network).map(add)),
    ...portElements(ports).map(add),
  ])
}

function emptyTable(family: Family): Uint8Array[] {
  const table = TABLE[family]
  return [
    // A table that is made twice is no fault, so there is one to delete in any case.
    newTable(table),
    deleteTable(table),
    newTable(table),
    ...sets(family).map((set, index) => newSet({ ...set, table, id: 10 * family + index })),
    ...CHAINS.map((chain) => newChain({ ...chain, table })),
    ...rules(family).map(([chain, comment, expressions]) => newRule(table, chain, comment, expressions)),
  ]
}

type Entry = { family: Family; set: SetName; elements: Element[] }
const add = ({ family, set, elements }: Entry): Uint8Array => addElements(TABLE[family], set, elements)
const remove = ({ family, set, elements }: Entry): Uint8Array => removeElements(TABLE[family], set, elements)

function networkElements(network: FirewallNetwork): Entry[] {
  const name = interfaceName(network.bridge)
  const names: SetName[] = ['bridges']
  if (network.internal) names.push('internal')
  if (network.masquerade && !network.internal) names.push('masqueraded')
  return network.families.flatMap((family) => [
    ...names.map((set) => ({ family, set, elements: [{ key: [name] }] })),
    { family, set: 'same-bridge', elements: [{ key: [name, name] }] },
  ])
}

/** The elements of ports whose host address and container address are of one family. */
function portElements(ports: readonly FirewallPort[]): Entry[] {
  const element = (port: FirewallPort, at: Uint8Array[]): Element => ({
    key: [...at, part(u8(PROTOCOL_NUMBER[port.protocol])), part(u16be(port.hostPort))],
    data: [addressBytes(port.address), part(u16be(port.port))],
  })
  const entries = FAMILIES.flatMap((family): Entry[] => {
    const own = ports.filter(({ hostAddress }) => familyOf(hostAddress) === family)
    const everywhere = own.filter(({ hostAddress }) => hostAddress === ANY_ADDRESS[family])
    const somewhere = own.filter(({ hostAddress }) => hostAddress !== ANY_ADDRESS[family])
    return [
      { family, set: 'published', elements: everywhere.map((port) => element(port, [])) },
      {
        family,
        set: 'published-at',
        elements: somewhere.map((port) => element(port, [addressBytes(port.hostAddress)])),
      },
    ]
  })
  return entries.filter(({ elements }) => elements.length > 0)
}

export function addNetworkToFirewall(network: FirewallNetwork): Uint8Array[] {
  return transaction(networkElements(network).map(add))
}

export function removeNetworkFromFirewall(network: FirewallNetwork): Uint8Array[] {
  return transaction(networkElements(network).map(remove))
}

/** Empty when there are no ports. */
export function publishPorts(ports: readonly FirewallPort[]): Uint8Array[] {
  return ports.length === 0 ? [] : transaction(portElements(ports).map(add))
}

export function unpublishPorts(ports: readonly FirewallPort[]): Uint8Array[] {
  return ports.length === 0 ? [] : transaction(portElements(ports).map(remove))
}
