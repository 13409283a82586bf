/** Reads the driver options of a network. Keys are Docker's. */
import { parseGoBoolean } from '../../../vocabulary/go-boolean.ts'
import { EngineError } from '../../../protocol/errors.ts'
import { ANY_ADDRESS, parseAddress, type Family } from './address/ip-address.ts'
import type { FirewallNetwork } from './plan/firewall.ts'
import { IPVLAN_MODE, MACVLAN_MODE, type SubInterface } from './netlink/rtnetlink.ts'
import { familiesOf, type NetworkRecord } from './network-records.ts'

export const OPTION = {
  bridgeName: 'com.docker.network.bridge.name',
  icc: 'com.docker.network.bridge.enable_icc',
  masquerade: 'com.docker.network.bridge.enable_ip_masquerade',
  hostBinding: 'com.docker.network.bridge.host_binding_ipv4',
  inhibitIpv4: 'com.docker.network.bridge.inhibit_ipv4',
  gatewayMode: {
    4: 'com.docker.network.bridge.gateway_mode_ipv4',
    6: 'com.docker.network.bridge.gateway_mode_ipv6',
  },
  defaultBridge: 'com.docker.network.bridge.default_bridge',
  mtu: 'com.docker.network.driver.mtu',
  enableIpv4: 'com.docker.network.enable_ipv4',
  enableIpv6: 'com.docker.network.enable_ipv6',
} as const

type Options = Record<string, string> | null | undefined

function flag(options: Options, key: string, fallback: boolean): boolean {
  const text = options?.[key]
  if (text === undefined || text === '') return fallback
  const value = parseGoBoolean(text)
  if (value !== undefined) return value
  throw new EngineError(
    'invalid',
    `failed to parse ${key} value: ${JSON.stringify(text)} (must be true or false)`,
  )
}

/** Whether the network has a family, for a request whose own field leaves it open. */
export function readFamilyOption(options: Options, key: string, fallback: boolean): boolean {
  const text = options?.[key]
  if (text === undefined) return fallback
  const value = parseGoBoolean(text)
  if (value === undefined) throw new EngineError('invalid', `driver-opt "${key}" is not a valid bool`)
  return value
}

export interface BridgeOptions {
  name?: string
  icc: boolean
  masquerade: boolean
  /** The host address of ports that are published without one; 0.0.0.0 stands for [::] too. */
  hostBinding: string
  /** The bridge gets no IPv4 address. */
  inhibitIpv4: boolean
  /** The families in which neither the network has a gateway nor the bridge an address. */
  isolated: readonly Family[]
  mtu?: number
}

/** Each start asks for them, and a network's options never change. */
const known = new WeakMap<object, BridgeOptions>()

export function readBridgeOptions(options: Options): BridgeOptions {
  const read = options && known.get(options)
  if (read) return read
  const fresh = parseBridgeOptions(options)
  if (options) known.set(options, fresh)
  return fresh
}

function parseBridgeOptions(options: Options): BridgeOptions {
  const name = options?.[OPTION.bridgeName]
  if (name !== undefined && !/^[^\s/:]{1,15}$/.test(name)) {
    throw new EngineError(
      'invalid',
      `invalid ${OPTION.bridgeName} '${name}': an interface name has 1 to 15 characters`,
    )
  }
  const binding = options?.[OPTION.hostBinding] ?? ANY_ADDRESS[4]
  const hostBinding = parseAddress(binding)
  if (hostBinding === undefined) {
    throw new EngineError(
      'invalid',
      `parse ${OPTION.hostBinding} value: ${binding} failed: invalid IP address`,
    )
  }
  const mtu = readMtu(options)
  return {
    ...(name && { name }),
    icc: flag(options, OPTION.icc, true),
    masquerade: flag(options, OPTION.masquerade, true),
    hostBinding,
    inhibitIpv4: flag(options, OPTION.inhibitIpv4, false),
    isolated: ([4, 6] as const).filter((family) => readGatewayMode(options, family) === 'isolated'),
    ...(mtu && { mtu }),
  }
}

const GATEWAY_MODES = ['nat', 'nat-unprotected', 'routed', 'isolated']

function readGatewayMode(options: Options, family: Family): string | undefined {
  const key = OPTION.gatewayMode[family]
  const mode = options?.[key]
  if (mode === undefined || GATEWAY_MODES.includes(mode)) return mode
  throw new EngineError('invalid', `failed to parse ${key} value: ${mode} (unknown gateway mode ${mode})`)
}

/**
 * The families for which no address is kept for a gateway (moby libnetwork/drivers/bridge, GetSkipGwAlloc). Throws when
 * the network is isolated but not internal.
 */
export function familiesWithoutGateway(options: Options, internal: boolean): Family[] {
  const { isolated, inhibitIpv4 } = readBridgeOptions(options)
  if (isolated.length > 0 && !internal)
    throw new EngineError('internal', "gateway mode 'isolated' can only be used for an internal network")
  return ([4, 6] as const).filter(
    (family) => isolated.includes(family) || (family === 4 && inhibitIpv4 && internal),
  )
}

/** Reads the MTU; 68 bytes is the least that IPv4 works with. */
export function readMtu(options: Options): number | undefined {
  const text = options?.[OPTION.mtu]
  if (text === undefined || text === '') return undefined
  const mtu = Number(text)
  if (!/^\d+$/.test(text) || (mtu !== 0 && (mtu < 68 || mtu > 65535))) {
    throw new EngineError(
      'invalid',
      `failed to parse ${OPTION.mtu} value: ${JSON.stringify(text)} (68 to 65535)`,
    )
  }
  return mtu === 0 ? undefined : mtu
}

/** Reads the mode of a network of driver macvlan or ipvlan. */
export function readSubInterface(driver: 'macvlan' | 'ipvlan', options: Options): SubInterface {
  const text = options?.[`${driver}_mode`]
  if (driver === 'macvlan') {
    const mode = text === undefined || text === '' ? 'bridge' : text
    if (Object.hasOwn(MACVLAN_MODE, mode)) return { kind: driver, mode: mode as keyof typeof MACVLAN_MODE }
  } else {
    const mode = text === undefined || text === '' ? 'l2' : text
    if (Object.hasOwn(IPVLAN_MODE, mode)) return { kind: driver, mode: mode as keyof typeof IPVLAN_MODE }
  }
  throw new EngineError('invalid', `unknown ${driver} mode: ${text}`)
}

export function firewallNetwork(network: NetworkRecord): FirewallNetwork {
  const { masquerade } = readBridgeOptions(network.options)
  return { bridge: network.link!, families: familiesOf(network), internal: network.internal, masquerade }
}
