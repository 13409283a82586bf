/**
 * The engine's firewall: one nf_tables table whose rules never change; networks and published ports are elements of its
 * sets and maps, so each addition or removal is one atomic element. Docker's semantics with `userland-proxy: false`
 * (https://docs.docker.com/engine/network/packet-filtering-firewalls/), except that a published port can also be reached
 * from containers of other bridges, as Docker's proxy allows.
 */
import { addressBytes } from '../address/ipv4.ts'
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
} from '../netlink/nf-tables.ts'

export const TABLE = 'docker-bridges'

export interface FirewallNetwork {
  bridge: string
  internal: boolean
  masquerade: boolean
}

export type PortProtocol = 'tcp' | 'udp' | 'sctp'

export interface FirewallPort {
  protocol: PortProtocol
  /** 0 (0.0.0.0): every address of the guest. */
  hostAddress: number
  hostPort: number
  address: number
  port: number
}

const PROTOCOL_NUMBER = { tcp: 6, udp: 17, sctp: 132 } as const satisfies Record<PortProtocol, number>

const SETS = [
  { name: 'bridges', key: ['ifname'] },
  { name: 'internal', key: ['ifname'] },
  { name: 'masqueraded', key: ['ifname'] },
  { name: 'same-bridge', key: ['ifname', 'ifname'] },
  { name: 'published', key: ['inet_proto', 'inet_service'], data: ['ipv4_addr', 'inet_service'] },
  {
    name: 'published-at',
    key: ['ipv4_addr', 'inet_proto', 'inet_service'],
    data: ['ipv4_addr', 'inet_service'],
  },
] as const

type SetName = (typeof SETS)[number]['name']

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

/** 127.0.0.0/8 as a destination. */
const loopbackDestination = (): Expression[] => [
  loadPayload('ipDestination'),
  maskRegister(Uint8Array.of(255, 0, 0, 0)),
  compare('==', Uint8Array.of(127, 0, 0, 0)),
]

function publishedPorts(chain: string): [string, string, Expression[]][] {
  const local = matchLocalAddress('destination')
  const at = [
    loadPayload('ipDestination'),
    loadMeta('l4proto', 1),
    loadPayload('transportDestinationPort', 2),
    lookUp('published-at', { map: true }),
    destinationNat(),
  ]
  const anywhere = [
    loadMeta('l4proto'),
    loadPayload('transportDestinationPort', 1),
    lookUp('published', { map: true }),
    destinationNat(),
  ]
  return [
    [chain, 'ports published on one address', [local, ...at]],
    [chain, 'published ports', [local, ...anywhere]],
  ]
}

/** Chain, comment, expressions; in order. */
function rules(): [string, string, Expression[]][] {
  const established = matchConnection('state', CT_STATE.established | CT_STATE.related)
  const published = matchConnection('status', CT_STATUS.dstNat)
  return [
    // route_localnet lets the guest reach published ports at 127.0.0.1; it must not let containers reach the guest's loopback.
    [
      'raw-PREROUTING',
      'loopback is not for containers',
      [...isOn('iifname', 'bridges'), ...loopbackDestination(), verdict('drop')],
    ],
    ...publishedPorts('nat-PREROUTING'),
    ...publishedPorts('nat-OUTPUT'),
    ['filter-FORWARD', 'answers', [established, verdict('accept')]],
    ['filter-FORWARD', 'within a network', [...bothInterfaces(), verdict('accept')]],
    ['filter-FORWARD', 'nothing out of internal networks', [...isOn('iifname', 'internal'), verdict('drop')]],
    ['filter-FORWARD', 'nothing into internal networks', [...isOn('oifname', 'internal'), verdict('drop')]],
    ['filter-FORWARD', 'published ports', [published, verdict('accept')]],
    ['filter-FORWARD', 'isolation', [...isOn('oifname', 'bridges'), verdict('drop')]],
    // A container that reaches itself or a neighbour through the guest must not see the answer come straight back.
    ['nat-POSTROUTING', 'hairpin', [published, ...bothInterfaces(), masquerade()]],
    ['nat-POSTROUTING', 'out of networks', [...isOn('iifname', 'masqueraded'), masquerade()]],
    [
      'nat-POSTROUTING',
      'the guest itself',
      [matchLocalAddress('source'), ...isOn('oifname', 'bridges'), masquerade()],
    ],
  ]
}

/** Replaces the whole table, whatever was there: recovery, and the first start. */
export function replaceFirewall(
  networks: readonly FirewallNetwork[],
  ports: readonly FirewallPort[],
): Uint8Array[] {
  return transaction([
    newTable(TABLE),
    deleteTable(TABLE),
    newTable(TABLE),
    ...SETS.map((set, index) => newSet({ ...set, table: TABLE, id: index + 1 })),
    ...CHAINS.map((chain) => newChain({ ...chain, table: TABLE })),
    ...rules().map(([chain, comment, expressions]) => newRule(TABLE, chain, comment, expressions)),
    ...networks.flatMap((network) => networkElements(network).map(add)),
    ...portElements(ports).map(add),
  ])
}

type Entry = { set: SetName; elements: Element[] }
const add = ({ set, elements }: Entry): Uint8Array => addElements(TABLE, set, elements)
const remove = ({ set, elements }: Entry): Uint8Array => removeElements(TABLE, set, elements)

function networkElements(network: FirewallNetwork): Entry[] {
  const name = interfaceName(network.bridge)
  const entries: Entry[] = [
    { set: 'bridges', elements: [{ key: [name] }] },
    { set: 'same-bridge', elements: [{ key: [name, name] }] },
  ]
  if (network.internal) entries.push({ set: 'internal', elements: [{ key: [name] }] })
  if (network.masquerade && !network.internal) {
    entries.push({ set: 'masqueraded', elements: [{ key: [name] }] })
  }
  return entries
}

function portElements(ports: readonly FirewallPort[]): Entry[] {
  const element = (port: FirewallPort, at: Uint8Array[]): Element => ({
    key: [...at, part(u8(PROTOCOL_NUMBER[port.protocol])), part(u16be(port.hostPort))],
    data: [addressBytes(port.address), part(u16be(port.port))],
  })
  const everywhere = ports.filter((port) => port.hostAddress === 0)
  const somewhere = ports.filter((port) => port.hostAddress !== 0)
  const entries: Entry[] = [
    { set: 'published', elements: everywhere.map((port) => element(port, [])) },
    {
      set: 'published-at',
      elements: somewhere.map((port) => element(port, [addressBytes(port.hostAddress)])),
    },
  ]
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
