/**
 * Plans for a container's network namespace, its interfaces and its published ports. Pure. Set-up and tear-down of a
 * container's own network are steps of its launch plan; with a prepared namespace from the pool, no link is made on the way.
 */
import type { HostPlan, Step } from '../../../plan/plan.ts'
import { interfaceIndex, type Gateways } from '../endpoint.ts'
import { publishPorts, unpublishPorts, type FirewallPort } from './firewall.ts'
import type { Family } from '../address/ip-address.ts'
import { parseMac } from '../address/mac-address.ts'
import {
  deleteLink,
  isolateBridgePort,
  newAddress,
  newDefaultRoute,
  newNsid,
  newSubInterface,
  newVeth,
  setLink,
  settleLink,
} from '../netlink/rtnetlink.ts'
import { readBridgeOptions, readMtu, readSubInterface } from '../network-options.ts'
import type { EndpointRecord, NetworkRecord } from '../network-records.ts'
import {
  CLONE_NEWNET,
  disableIpv6,
  enterNetns,
  forgetNetns,
  HOST_NETNS,
  HOST_PID,
  inTurn,
  netfilter,
  route,
  sysctl,
} from './steps.ts'

/** An endpoint together with its network. */
export interface Connection {
  endpoint: EndpointRecord
  network: NetworkRecord
  /** eth0 and its veth exist already in the prepared namespace. */
  prepared?: boolean
}

export interface SandboxPlanInput {
  netnsPath: string
  /** The namespace exists already, from the pool or because the container runs. */
  exists: boolean
  connections: readonly Connection[]
  gateways: Gateways
  ports: readonly FirewallPort[]
}

const PARENT_NSID = 0

/**
 * Makes an interface within the container's namespace. It has IPv6 if and only if its network has: otherwise the kernel
 * would give it an address of its own and heed router advertisements (moby libnetwork/osl, setInterfaceIPv6).
 */
function makeInterface({ endpoint, network, prepared }: Connection): (Uint8Array | Step)[] {
  if (endpoint.interface === undefined) return []
  const index = interfaceIndex(endpoint.interface)
  const mtu = readMtu(network.options)
  const mac = endpoint.mac === '' ? undefined : parseMac(endpoint.mac)
  const fields = { index, ...(mac && { mac }), ...(mtu && { mtu }) }
  const addresses = Object.values(endpoint.addresses).map(({ address, prefixLength }) =>
    newAddress(index, { address, length: prefixLength }),
  )
  const wake = [setLink({ index, up: true }), ...addresses]
  // A prepared interface is down, so that its address may change, and has no IPv6.
  const hasIpv6 = endpoint.addresses[6] !== undefined
  if (prepared && !hasIpv6) return [setLink(fields), ...wake]
  return [
    ...(prepared ? [setLink(fields)] : makeLink({ ...fields, name: endpoint.interface }, endpoint, network)),
    disableIpv6(endpoint.interface, !hasIpv6),
    // `ndisc_notify` announces the address in IPv6, as `announce` does in IPv4.
    ...(hasIpv6 ? [sysctl(`net/ipv6/conf/${endpoint.interface}/ndisc_notify`, '1')] : []),
    ...wake,
  ]
}

function makeLink(
  fields: Parameters<typeof setLink>[0],
  endpoint: EndpointRecord,
  network: NetworkRecord,
): Uint8Array[] {
  if (network.driver === 'macvlan' || network.driver === 'ipvlan') {
    const sub = readSubInterface(network.driver, network.options)
    return [newNsid(HOST_PID, PARENT_NSID), newSubInterface(fields, sub, network.linkIndex!, PARENT_NSID)]
  }
  return [
    newVeth(fields, { name: endpoint.hostLink!, netnsPid: HOST_PID, ...(fields.mtu && { mtu: fields.mtu }) }),
  ]
}

function defaultRoutes(gateways: Gateways): Uint8Array[] {
  return ([4, 6] as const).flatMap((family: Family) => {
    const via = gateways[family]
    if (via?.interface === undefined) return []
    return [newDefaultRoute(interfaceIndex(via.interface), family, via.addresses[family]?.gateway)]
  })
}

/** Messages in the guest's namespace that put the near ends into their bridges. */
function joinBridges(connections: readonly Connection[]): Uint8Array[] {
  return connections.flatMap(({ endpoint, network }) => {
    if (endpoint.hostLink === undefined) return []
    const mtu = readMtu(network.options)
    const join = setLink({
      name: endpoint.hostLink,
      up: true,
      master: network.linkIndex!,
      ...(mtu && { mtu }),
    })
    const settled = [join, settleLink({ name: endpoint.hostLink })]
    if (readBridgeOptions(network.options).icc) return settled
    return [...settled, isolateBridgePort(endpoint.hostLink)]
  })
}

/**
 * Announces the container's addresses once the way to the neighbours is open, since they may still know the MAC of an
 * endpoint that had the address before. Setting a link's address makes the kernel send an unsolicited ARP
 * (`arp_notify`, https://www.kernel.org/doc/html/latest/networking/ip-sysctl.html).
 */
function announce(netnsPath: string, connections: readonly Connection[]): Step[] {
  const messages = connections.flatMap(({ endpoint }) => {
    const mac = parseMac(endpoint.mac)
    if (endpoint.hostLink === undefined || endpoint.interface === undefined || mac === undefined) return []
    const index = interfaceIndex(endpoint.interface)
    return [settleLink({ index }), setLink({ index, mac })]
  })
  return messages.length === 0 ? [] : [enterNetns(netnsPath), ...route(messages)]
}

export function hostLinks(connections: readonly Connection[]): string[] {
  return connections.flatMap(({ endpoint }) => endpoint.hostLink ?? [])
}

/** The steps of a start, in the guest's own network namespace; they leave it as they find it. */
export function setUpSteps(input: SandboxPlanInput): Step[] {
  const inside = [
    ...(input.exists ? [] : [setLink({ name: 'lo', up: true })]),
    ...input.connections.flatMap(makeInterface),
    ...defaultRoutes(input.gateways),
  ]
  const enter: Step[] = input.exists
    ? [enterNetns(input.netnsPath)]
    : [
        { op: 'unshare', flags: BigInt(CLONE_NEWNET) },
        { op: 'keep-namespace', type: 'net', path: input.netnsPath },
      ]
  const announcement = announce(input.netnsPath, input.connections)
  return [
    ...enter,
    ...inTurn(inside),
    enterNetns(HOST_NETNS),
    ...route(joinBridges(input.connections)),
    ...netfilter(publishPorts(input.ports)),
    ...announcement,
    ...(announcement.length > 0 ? [enterNetns(HOST_NETNS)] : []),
  ]
}

/**
 * Takes a sandbox down; passes over what is gone already, and what was never made. The near end is only taken down here,
 * so that nothing is reached at the address any more. Deleting it waits 15–45 ms for RCU in the guest, and the kernel
 * does that by itself once the namespace's last user is gone; `deleteLinkSteps` is for users that outlive the container.
 */
export function tearDownSteps(input: Pick<SandboxPlanInput, 'netnsPath' | 'connections' | 'ports'>): Step[] {
  const visible = [
    ...netfilter(unpublishPorts(input.ports), { tolerate: 'ENOENT' }),
    ...hostLinks(input.connections).flatMap((name) =>
      route([setLink({ name, up: false })], { tolerate: 'any' }),
    ),
  ]
  // A set-up that failed may have left its process in the container's namespace.
  return [
    ...(visible.length > 0 ? [enterNetns(HOST_NETNS)] : []),
    ...visible,
    ...forgetNetns(input.netnsPath),
  ]
}

/** Deletes interfaces by their near ends; those of a namespace that has ended are gone already. */
export const deleteLinkSteps = (names: readonly string[]): Step[] =>
  names.flatMap((name) => route([deleteLink(name)], { tolerate: 'any' }))

export interface ChangePlanInput {
  netnsPath: string
  connection: Connection
  /** The endpoints of the default routes after the change. */
  gateways: Gateways
  unpublish: readonly FirewallPort[]
  publish: readonly FirewallPort[]
}

/** Adds an interface to a running container. */
export function connectPlan(input: ChangePlanInput): HostPlan {
  const { endpoint } = input.connection
  return {
    steps: [
      enterNetns(input.netnsPath),
      ...inTurn([...makeInterface(input.connection), ...defaultRoutes(input.gateways)]),
      enterNetns(HOST_NETNS),
      ...route(joinBridges([input.connection])),
      ...netfilter(unpublishPorts(input.unpublish), { tolerate: 'ENOENT' }),
      ...netfilter(publishPorts(input.publish)),
      ...announce(input.netnsPath, [input.connection]),
    ],
    undo: [
      enterNetns(HOST_NETNS),
      ...netfilter(unpublishPorts(input.publish)),
      ...netfilter(publishPorts(input.unpublish)),
      enterNetns(input.netnsPath),
      ...route(endpoint.interface === undefined ? [] : [deleteLink(endpoint.interface)]),
    ],
  }
}

/** Takes an interface from a running container. */
export function disconnectPlan(input: ChangePlanInput): HostPlan {
  const { endpoint } = input.connection
  return {
    steps: [
      ...netfilter(unpublishPorts(input.unpublish), { tolerate: 'ENOENT' }),
      ...netfilter(publishPorts(input.publish)),
      enterNetns(input.netnsPath),
      ...route(endpoint.interface === undefined ? [] : [deleteLink(endpoint.interface)], { tolerate: 'any' }),
      ...route(defaultRoutes(input.gateways)),
    ],
  }
}

/**
 * Prepares a namespace ahead of need: loopback up, eth0 and the near end of its veth down, without address and without
 * IPv6. Deletes links that are left of others before.
 */
export function preparePlan(netnsPath: string, hostLink: string, left: readonly string[]): HostPlan {
  const eth0 = { index: interfaceIndex('eth0'), name: 'eth0' }
  return {
    steps: [
      ...deleteLinkSteps(left),
      { op: 'unshare', flags: BigInt(CLONE_NEWNET) },
      { op: 'keep-namespace', type: 'net', path: netnsPath },
      ...route([setLink({ name: 'lo', up: true }), newVeth(eth0, { name: hostLink, netnsPid: HOST_PID })]),
      disableIpv6(eth0.name, true),
    ],
    undo: forgetNetns(netnsPath),
  }
}
