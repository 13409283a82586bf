/** Plans that make and remove a network in the kernel. Pure. */
import { GUEST_SERVICES } from '../../../../protocol/api/guest-network.ts'
import type { HostPlan } from '../../../plan/plan.ts'
import {
  addNetworkToFirewall,
  removeNetworkFromFirewall,
  replaceFirewall,
  type FirewallPort,
} from './firewall.ts'
import { formatPrefix, type Prefix } from '../address/ip-address.ts'
import { parseMac } from '../address/mac-address.ts'
import {
  deleteLink,
  dumpAddresses,
  dumpLinks,
  newAddress,
  newBridge,
  newDummy,
  setLink,
} from '../netlink/rtnetlink.ts'
import { sequence } from '../netlink/message.ts'
import { NETLINK_ROUTE } from '../netlink/rtnetlink.ts'
import { firewallNetwork, readBridgeOptions, readMtu } from '../network-options.ts'
import { familiesOf, type NetworkRecord } from '../network-records.ts'
import { disableIpv6, netfilter, route, sysctl } from './steps.ts'

/** The index of `lo` in every network namespace (Linux, net/core/dev.c registers it first). */
const LOOPBACK_INDEX = 1
const SERVICES: Prefix = { address: GUEST_SERVICES.address, length: 32 }

/** Asks the kernel for the guest's links, then for its addresses; the reports have the answers as data. */
export function surveyPlan(): HostPlan {
  const dump = (message: Uint8Array) =>
    ({ op: 'netlink', protocol: NETLINK_ROUTE, messages: sequence([message]), collect: true }) as const
  return { steps: [dump(dumpLinks()), dump(dumpAddresses())] }
}

/**
 * Makes the link of a network. Its index is learnt from a survey afterwards, and `addressPlan` uses it.
 * @param macSuffix 8 hex digits, so that a bridge keeps its address whatever ports join it
 */
export function linkPlan(network: NetworkRecord, macSuffix: string): HostPlan {
  const name = network.link!
  const mtu = readMtu(network.options)
  const mac = parseMac(`02:42:${macSuffix.match(/../g)!.join(':')}`)!
  const fields = { name, up: true, ...(mtu && { mtu }) }
  const undo = route([deleteLink(name)])
  if (network.driver !== 'bridge') return { steps: route([newDummy(fields)]), undo }
  return {
    steps: [
      ...route([newBridge({ ...fields, mac })]),
      // A port published on 127.0.0.1 is reached through the bridge; the firewall keeps containers off the loopback.
      sysctl(`net/ipv4/conf/${name}/route_localnet`, '1'),
    ],
    undo,
  }
}

/**
 * Gives the bridge its addresses and its place in the firewall.
 * @param present addresses that it has already
 */
export function addressPlan(network: NetworkRecord, present: readonly Prefix[]): HostPlan {
  const has = new Set(present.map(formatPrefix))
  const own = bridgeAddresses(network).filter((prefix) => !has.has(formatPrefix(prefix)))
  return {
    steps: [
      // IPv6 is enabled before the address is added, since a link without IPv6 can have none.
      ...(familiesOf(network).includes(6) ? [disableIpv6(network.link!, false)] : []),
      ...route(own.map((prefix) => newAddress(network.linkIndex!, prefix))),
      ...route([setLink({ index: network.linkIndex!, up: true })]),
      ...netfilter(addNetworkToFirewall(firewallNetwork(network))),
    ],
    undo: removeNetworkPlan(network).steps,
  }
}

/** The addresses of the bridge: the network's gateways, except those that its options leave out. */
function bridgeAddresses(network: NetworkRecord): Prefix[] {
  const { isolated, inhibitIpv4 } = readBridgeOptions(network.options)
  return familiesOf(network).flatMap((family) => {
    const { gateway, subnet } = network.pools[family]!
    const isKept = isolated.includes(family) || (family === 4 && inhibitIpv4)
    return gateway === undefined || isKept ? [] : [{ address: gateway, length: subnet.length }]
  })
}

export function removeNetworkPlan(network: NetworkRecord): HostPlan {
  const steps =
    network.driver === 'bridge'
      ? netfilter(removeNetworkFromFirewall(firewallNetwork(network)), { tolerate: 'ENOENT' })
      : []
  if (network.ownsLink === true) steps.push(...route([deleteLink(network.link!)], { tolerate: 'any' }))
  return { steps }
}

/**
 * Enables forwarding, gives the guest's own services their address, and makes the firewall exactly what the records
 * have.
 */
export function firewallPlan(networks: readonly NetworkRecord[], ports: readonly FirewallPort[]): HostPlan {
  const bridges = networks.filter(({ driver }) => driver === 'bridge').map(firewallNetwork)
  return {
    steps: [
      sysctl('net/ipv4/ip_forward', '1'),
      // Links made from here on inherit both settings: an endpoint announces its address (sandbox-plan.ts), and its
      // neighbours believe that at once, where by default they keep to what they learnt within the last second.
      sysctl('net/ipv4/conf/default/arp_notify', '1'),
      sysctl('net/ipv4/neigh/default/locktime', '0'),
      sysctl('net/ipv6/conf/all/forwarding', '1'),
      // Links made from here on are without IPv6, and its costs (an address, probes, groups), until a network wants it.
      disableIpv6('default', true),
      ...route([newAddress(LOOPBACK_INDEX, SERVICES)], { tolerate: 'EEXIST' }),
      ...netfilter(replaceFirewall(bridges, ports)),
    ],
  }
}
