/** rtnetlink requests (rtnetlink(7); linux/if_link.h, linux/rtnetlink.h) as bytes. */
import { addressBytes, familyOf, lastOf, type Family, type Prefix } from '../address/ip-address.ts'
import {
  attribute,
  concat,
  message,
  nested,
  NLM_F,
  numberAttribute,
  put32,
  text,
  u16,
  u32,
  u8,
} from './message.ts'

export const NETLINK_ROUTE = 0

export const RTM = {
  newLink: 16,
  deleteLink: 17,
  getLink: 18,
  setLink: 19,
  newAddress: 20,
  getAddress: 22,
  newRoute: 24,
  newNsid: 88,
} as const

export const IFLA = {
  address: 1,
  name: 3,
  mtu: 4,
  link: 5,
  master: 10,
  linkInfo: 18,
  netnsPid: 19,
  linkNetnsid: 37,
} as const

const IFLA_INFO = { kind: 1, data: 2, slaveKind: 4, slaveData: 5 } as const
const VETH_INFO_PEER = 1
const IFLA_BRPORT_ISOLATED = 33
const IFLA_MACVLAN_MODE = 1
const IFLA_IPVLAN_MODE = 1
const IFA = { address: 1, local: 2, broadcast: 4 } as const
/** linux/if_addr.h: the address is used at once, without asking the neighbours for it. */
const IFA_F_NODAD = 2
const RTA = { oif: 4, gateway: 5 } as const
const NETNSA = { nsid: 1, pid: 2 } as const
const IFF_UP = 1
/** The size of struct ifinfomsg. */
const IFINFOMSG_BYTES = 16
const AF_UNSPEC = 0
/** The values of sys/socket.h. */
const ADDRESS_FAMILY = { 4: 2, 6: 10 } as const satisfies Record<Family, number>
const RT_TABLE_MAIN = 254
const RTPROT_BOOT = 3
const RT_SCOPE_UNIVERSE = 0
const RTN_UNICAST = 1

const CREATE = NLM_F.create | NLM_F.excl | NLM_F.acknowledge

export interface LinkFields {
  /** At most 15 bytes. */
  name?: string
  /** 0 lets the kernel choose. */
  index?: number
  up?: boolean
  mtu?: number
  mac?: Uint8Array
  /** Interface index of a bridge; 0 takes it out. */
  master?: number
  /** Moves it into the network namespace of this process (pid as the sender sees it). */
  netnsPid?: number
}

/** A header of the type struct ifinfomsg. */
function interfaceHeader(fields: { index?: number; up?: boolean }): Uint8Array {
  // The family and the type stay 0.
  const header = new Uint8Array(IFINFOMSG_BYTES)
  put32(header, 4, fields.index ?? 0)
  if (fields.up === true) put32(header, 8, IFF_UP)
  if (fields.up !== undefined) put32(header, 12, IFF_UP)
  return header
}

function linkAttributes(fields: LinkFields): Uint8Array[] {
  const attributes: Uint8Array[] = []
  if (fields.name !== undefined) attributes.push(attribute(IFLA.name, text(fields.name)))
  if (fields.mac !== undefined) attributes.push(attribute(IFLA.address, fields.mac))
  if (fields.mtu !== undefined) attributes.push(numberAttribute(IFLA.mtu, fields.mtu))
  if (fields.master !== undefined) attributes.push(numberAttribute(IFLA.master, fields.master))
  if (fields.netnsPid !== undefined) attributes.push(numberAttribute(IFLA.netnsPid, fields.netnsPid))
  return attributes
}

function newLink(fields: LinkFields, kind: string, extra: Uint8Array[], data: Uint8Array[]): Uint8Array {
  // iproute2 sends a kind without a final NUL, and so does this: the kernel takes both.
  const info = [attribute(IFLA_INFO.kind, text(kind).slice(0, -1))]
  if (data.length > 0) info.push(nested(IFLA_INFO.data, ...data))
  return message({
    type: RTM.newLink,
    flags: CREATE,
    header: interfaceHeader(fields),
    attributes: [...linkAttributes(fields), ...extra, nested(IFLA.linkInfo, ...info)],
  })
}

export function newBridge(fields: LinkFields): Uint8Array {
  return newLink(fields, 'bridge', [], [])
}

export function newDummy(fields: LinkFields): Uint8Array {
  return newLink(fields, 'dummy', [], [])
}

/** Both ends in one message; `peer.netnsPid` puts the far end into another namespace. */
export function newVeth(fields: LinkFields, peer: LinkFields): Uint8Array {
  const peerInfo = nested(VETH_INFO_PEER, interfaceHeader(peer), ...linkAttributes(peer))
  return newLink(fields, 'veth', [], [peerInfo])
}

/** linux/if_link.h: enum macvlan_mode, enum ipvlan_mode. */
export const MACVLAN_MODE = { private: 1, vepa: 2, bridge: 4, passthru: 8 } as const
export const IPVLAN_MODE = { l2: 0, l3: 1, l3s: 2 } as const

export type SubInterface =
  { kind: 'macvlan'; mode: keyof typeof MACVLAN_MODE } | { kind: 'ipvlan'; mode: keyof typeof IPVLAN_MODE }

/** A macvlan or ipvlan over `parentIndex` of the namespace that `newNsid` named `parentNsid` (default: the sender's own). */
export function newSubInterface(
  fields: LinkFields,
  sub: SubInterface,
  parentIndex: number,
  parentNsid?: number,
): Uint8Array {
  const extra = [numberAttribute(IFLA.link, parentIndex)]
  if (parentNsid !== undefined) extra.push(numberAttribute(IFLA.linkNetnsid, parentNsid))
  const mode =
    sub.kind === 'macvlan'
      ? numberAttribute(IFLA_MACVLAN_MODE, MACVLAN_MODE[sub.mode])
      : attribute(IFLA_IPVLAN_MODE, u16(IPVLAN_MODE[sub.mode]))
  return newLink(fields, sub.kind, extra, [mode])
}

/**
 * Makes the kernel act at once on the state of a link's carrier. A link whose other end has just come up drops what it
 * sends until the kernel's link watch has run, by itself some time later; asking for the link runs it (rtnl_getlink,
 * since Linux 6.8).
 */
export function settleLink(link: Pick<LinkFields, 'name' | 'index'>): Uint8Array {
  return message({
    type: RTM.getLink,
    flags: NLM_F.acknowledge,
    header: interfaceHeader(link),
    attributes: linkAttributes(link),
  })
}

/** Changes a link found by `index`, or by `name` when there is no index. */
export function setLink(fields: LinkFields): Uint8Array {
  return message({
    type: RTM.setLink,
    flags: NLM_F.acknowledge,
    header: interfaceHeader(fields),
    attributes: linkAttributes(fields),
  })
}

/** An isolated port of a bridge exchanges frames only with the bridge itself: Docker's enable_icc=false. */
export function isolateBridgePort(name: string): Uint8Array {
  const info = nested(
    IFLA.linkInfo,
    attribute(IFLA_INFO.slaveKind, text('bridge')),
    nested(IFLA_INFO.slaveData, attribute(IFLA_BRPORT_ISOLATED, u8(1))),
  )
  return message({
    type: RTM.newLink,
    flags: NLM_F.acknowledge,
    header: interfaceHeader({}),
    attributes: [attribute(IFLA.name, text(name)), info],
  })
}

/** Deletes a link by its name. Deleting one end of a veth pair deletes both. */
export function deleteLink(name: string): Uint8Array {
  return message({
    type: RTM.deleteLink,
    flags: NLM_F.acknowledge,
    header: interfaceHeader({}),
    attributes: [attribute(IFLA.name, text(name))],
  })
}

/**
 * Gives an interface an address. `prefix.address` is the interface's own, host bits and all. An IPv6 address is not
 * probed for: the engine gives no address twice, and a probe takes a second.
 */
export function newAddress(index: number, prefix: Prefix): Uint8Array {
  const address = addressBytes(prefix.address)
  const family = familyOf(prefix.address)
  return message({
    type: RTM.newAddress,
    flags: CREATE,
    header: addressHeader(index, family, prefix.length),
    attributes: [
      attribute(IFA.local, address),
      attribute(IFA.address, address),
      // IPv6 has no broadcast, and neither has a single address, which the kernel would route away from itself if it
      // were one.
      ...(family === 4 && prefix.length < 31 ? [attribute(IFA.broadcast, addressBytes(lastOf(prefix)))] : []),
    ],
  })
}

/** A header of the type struct ifaddrmsg. */
function addressHeader(index: number, family: Family, length: number): Uint8Array {
  const header = new Uint8Array(8)
  header[0] = ADDRESS_FAMILY[family]
  header[1] = length
  header[2] = family === 6 ? IFA_F_NODAD : 0
  header[3] = RT_SCOPE_UNIVERSE
  put32(header, 4, index)
  return header
}

/**
 * Makes a family's default route, in place of any other: through `gateway`, or straight out of the interface (ipvlan
 * l3).
 */
export function newDefaultRoute(index: number, family: Family, gateway: string | undefined): Uint8Array {
  const attributes = [numberAttribute(RTA.oif, index)]
  if (gateway !== undefined) attributes.push(attribute(RTA.gateway, addressBytes(gateway)))
  const fields = [ADDRESS_FAMILY[family], 0, 0, 0, RT_TABLE_MAIN, RTPROT_BOOT, RT_SCOPE_UNIVERSE, RTN_UNICAST]
  const header = new Uint8Array(12)
  header.set(fields)
  return message({
    type: RTM.newRoute,
    flags: NLM_F.create | NLM_F.replace | NLM_F.acknowledge,
    header,
    attributes,
  })
}

/** Gives the namespace of process `pid` the id `nsid` in the sender's namespace. */
export function newNsid(pid: number, nsid: number): Uint8Array {
  return message({
    type: RTM.newNsid,
    flags: NLM_F.acknowledge,
    header: u32(AF_UNSPEC),
    attributes: [numberAttribute(NETNSA.pid, pid), numberAttribute(NETNSA.nsid, nsid)],
  })
}

export function dumpLinks(): Uint8Array {
  return message({ type: RTM.getLink, flags: NLM_F.dump, header: interfaceHeader({}) })
}

/** Asks for the addresses of both families. */
export function dumpAddresses(): Uint8Array {
  return message({
    type: RTM.getAddress,
    flags: NLM_F.dump,
    header: concat(u8(AF_UNSPEC), new Uint8Array(7)),
  })
}
