/** Reads the answers to GETLINK and GETADDR dumps. */
import { addressFromBytes, type Prefix } from '../address/ip-address.ts'
import { formatMac } from '../address/mac-address.ts'
import { decodeAttributes, decodeMessages, readText, readU32 } from './message.ts'
import { IFLA, RTM } from './rtnetlink.ts'

export interface Link {
  index: number
  name: string
  up: boolean
  /** `veth`, `bridge` …; undefined for real devices. */
  kind?: string
  mac?: string
  /** Interface index of the bridge it is a port of. */
  master?: number
}

export interface InterfaceAddress {
  index: number
  /** The interface's own address with its prefix length. */
  prefix: Prefix
}

const IFINFOMSG_BYTES = 16
const IFADDRMSG_BYTES = 8
const IFA_ADDRESS = 1
const IFA_LOCAL = 2
const IFLA_INFO_KIND = 1

export function decodeLinks(answer: Uint8Array): Link[] {
  return decodeMessages(answer)
    .filter(({ type }) => type === RTM.newLink)
    .map(({ payload }) => {
      const attributes = decodeAttributes(payload.subarray(IFINFOMSG_BYTES))
      const info = attributes.get(IFLA.linkInfo)
      const kind = info && decodeAttributes(info).get(IFLA_INFO_KIND)
      const mac = attributes.get(IFLA.address)
      const master = attributes.get(IFLA.master)
      return {
        index: readU32(payload, 4),
        name: readText(attributes.get(IFLA.name) ?? new Uint8Array()),
        up: (readU32(payload, 8) & 1) === 1,
        ...(kind && { kind: readText(kind) }),
        ...(mac && { mac: formatMac(mac) }),
        ...(master && { master: readU32(master) }),
      }
    })
}

export function decodeAddresses(answer: Uint8Array): InterfaceAddress[] {
  return decodeMessages(answer)
    .filter(({ type }) => type === RTM.newAddress)
    .flatMap(({ payload }) => {
      const attributes = decodeAttributes(payload.subarray(IFADDRMSG_BYTES))
      const own = attributes.get(IFA_LOCAL) ?? attributes.get(IFA_ADDRESS)
      if (own === undefined) return []
      return [{ index: readU32(payload, 4), prefix: { address: addressFromBytes(own), length: payload[1]! } }]
    })
}
