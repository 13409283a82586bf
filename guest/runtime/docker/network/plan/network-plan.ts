/** What makes and removes a network in the kernel, as plans. Pure. */
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

/** Of `lo` in every network namespace (Linux, net/core/dev.c: it is registered first). */
const LOOPBACK_INDEX = 1
const SERVICES: Prefix = { address: GUEST_SERVICES.address, length: 32 }

/** Reports with data: the guest's links, then its addresses. */
export function surveyPlan(): HostPlan {
  const dump = (message: Uint8Array) =>
    ({ op: 'netlink', protocol: NETLINK_ROUTE, messages: sequence([message]), collect: true }) as const
  return { steps: [dump(dumpLinks()), dump(dumpAddresses())] }
}

/**
 * The link of a network. Its index is learnt from a survey afterwards; `addressPlan` goes on with it.
 * `macSuffix`: 8 hex digits, so that a bridge keeps its address whatever ports join it.
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

/** The bridge's addresses and its place in the firewall; `present`: addresses that it has already. */
export function addressPlan(network: NetworkRecord, present: readonly Prefix[]): HostPlan {
  const has = new Set(present.map(formatPrefix))
  const own = bridgeAddresses(network).filter((prefix) => !has.has(formatPrefix(prefix)))
  return {
    steps: [
      // Before its address: a link without IPv6 can have none.
      ...(familiesOf(network).includes(6) ? [disableIpv6(network.link!, false)] : []),
      ...route(own.map((prefix) => newAddress(network.linkIndex!, prefix))),
      ...route([setLink({ index: network.linkIndex!, up: true })]),
      ...netfilter(addNetworkToFirewall(firewallNetwork(network))),
    ],
    undo: removeNetworkPlan(network).steps,
  }
}

/** Its gateways, without those that the network's options keep from it. */
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

/** Forwarding, the address of the guest's own services, and the firewall exactly as the records have it. */
export function firewallPlan(networks: readonly NetworkRecord[], ports: readonly FirewallPort[]): HostPlan {
  const bridges = networks.filter(({ driver }) => driver === 'bridge').map(firewallNetwork)
  return {
    steps: [
      sysctl('net/ipv4/ip_forward', '1'),
      // Links made from here on inherit both: an endpoint announces its address (sandbox-plan.ts), and its neighbours
      // believe that at once, where by default they keep to what they learnt within the last second.
      sysctl('net/ipv4/conf/default/arp_notify', '1'),
      sysctl('net/ipv4/neigh/default/locktime', '0'),
      sysctl('net/ipv6/conf/all/forwarding', '1'),
      // A link made from here on costs what IPv6 does for each (an address, probes, groups) only once a network wants it.
      disableIpv6('default', true),
      ...route([newAddress(LOOPBACK_INDEX, SERVICES)], { tolerate: 'EEXIST' }),
      ...netfilter(replaceFirewall(bridges, ports)),
    ],
  }
}
