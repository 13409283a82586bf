/** What makes and removes a network in the kernel, as plans. Pure. */
import { GUEST_SERVICES } from '../../../../protocol/api/guest-network.ts'
import type { HostPlan } from '../../../plan/plan.ts'
import {
  addNetworkToFirewall,
  removeNetworkFromFirewall,
  replaceFirewall,
  type FirewallPort,
} from './firewall.ts'
import { parseAddress, parseMac, type Prefix } from '../address/ipv4.ts'
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
import { firewallNetwork, readMtu } from '../network-options.ts'
import type { NetworkRecord } from '../network-records.ts'
import { netfilter, route, sysctl } from './steps.ts'

/** Of `lo` in every network namespace (Linux, net/core/dev.c: it is registered first). */
const LOOPBACK_INDEX = 1
const SERVICES: Prefix = { address: parseAddress(GUEST_SERVICES.address)!, length: 32 }

/** Reports with data: the guest's links, then its IPv4 addresses. */
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

/** The bridge's address and its place in the firewall; `known`: it has them already. */
export function addressPlan(network: NetworkRecord, addresses: readonly Prefix[]): HostPlan {
  const pool = network.pool!
  const has = addresses.some(({ address }) => address === pool.gateway)
  const own = { address: pool.gateway!, length: pool.subnet.length }
  return {
    steps: [
      ...route(has ? [] : [newAddress(network.linkIndex!, own)]),
      ...route([setLink({ index: network.linkIndex!, up: true })]),
      ...netfilter(addNetworkToFirewall(firewallNetwork(network))),
    ],
    undo: removeNetworkPlan(network).steps,
  }
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
      ...route([newAddress(LOOPBACK_INDEX, SERVICES)], { tolerate: 'EEXIST' }),
      ...netfilter(replaceFirewall(bridges, ports)),
    ],
  }
}
