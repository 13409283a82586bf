/** From a create request to a network's record; pure. Errors in Docker's words (moby daemon/network.go, libnetwork). */
import { EngineError } from '../../../protocol/errors.ts'
import type { IpamConfig, NetworkCreateRequest } from '../../../protocol/api/engine-api.ts'
import { formatAddress, formatPrefix, type Prefix } from './address/ipv4.ts'
import { makePool, validateIpam, type Pool } from './address/ipam.ts'
import { OPTION, readBridgeOptions, readMtu, readSubInterface } from './network-options.ts'
import { PREDEFINED, type NetworkDriver, type NetworkRecord } from './network-records.ts'

export interface CreateContext {
  networks: readonly NetworkRecord[]
  /** Prefixes of the guest's other interfaces. */
  reserved: readonly Prefix[]
  id: string
  created: string
}

const DRIVERS = ['bridge', 'host', 'null', 'macvlan', 'ipvlan'] as const satisfies NetworkDriver[]

export function networkFromRequest(request: NetworkCreateRequest, context: CreateContext): NetworkRecord {
  validateName(request.Name, context.networks)
  validateFeatures(request)
  const driver = validateDriver(request.Driver || 'bridge', request.IPAM?.Driver)
  validateIpam(request.IPAM)
  const configs = request.IPAM?.Config ?? []
  if (configs.length > 1)
    throw new EngineError('forbidden', `${driver} driver doesn't support multiple subnets`)
  const taken = context.networks.flatMap(({ pool }) => (pool ? [pool.subnet] : [])).concat(context.reserved)
  const pool = makePool(configs[0], taken)
  const record: NetworkRecord = {
    id: context.id,
    name: request.Name,
    created: context.created,
    driver,
    internal: request.Internal ?? false,
    attachable: request.Attachable ?? false,
    options: request.Options ?? {},
    labels: request.Labels ?? {},
    ipamOptions: request.IPAM?.Options ?? null,
    ipamConfig: [shownConfig(configs[0], pool)],
    userSubnet: configs.length > 0,
    pool,
  }
  return { ...record, ...linkOf(record, context.networks) }
}

function validateName(name: string, networks: readonly NetworkRecord[]): void {
  if (name === undefined || name.trim() === '')
    throw new EngineError('invalid', 'invalid name: name is empty')
  if ((PREDEFINED as readonly string[]).includes(name)) {
    throw new EngineError('forbidden', `operation is not permitted on predefined ${name} network `)
  }
  if (networks.some((network) => network.name === name)) {
    throw new EngineError('conflict', `network with name ${name} already exists`)
  }
}

function validateFeatures(request: NetworkCreateRequest): void {
  if (request.EnableIPv6 === true) {
    throw new EngineError(
      'not-supported',
      "IPv6 is not available: the guest's kernel has none; create the network without it",
    )
  }
  if (request.EnableIPv4 === false) throw new EngineError('invalid', 'IPv4 or IPv6 must be enabled')
  if (request.Ingress === true || request.Scope === 'swarm') throw new EngineError('unavailable', NO_SWARM)
  if (request.ConfigOnly === true || request.ConfigFrom?.Network) {
    throw new EngineError(
      'not-supported',
      'configuration-only networks are not available: state the options on the network',
    )
  }
}

const NO_SWARM =
  'This node is not a swarm manager. Use "docker swarm init" or "docker swarm join" to connect this node to swarm and try again.'

function validateDriver(
  driver: string,
  ipamDriver: string | undefined,
): Exclude<NetworkDriver, 'host' | 'null'> {
  if (driver === 'overlay') throw new EngineError('forbidden', NO_SWARM)
  if (driver === 'none') return validateDriver('null', ipamDriver)
  const known = DRIVERS.find((one) => one === driver)
  if (known === undefined) throw new EngineError('not-found', `plugin "${driver}" not found`)
  if (known === 'host' || known === 'null') {
    throw new EngineError('forbidden', `only one instance of "${driver}" network is allowed`)
  }
  if (ipamDriver !== undefined && ipamDriver !== '' && ipamDriver !== 'default') {
    throw new EngineError('not-found', `plugin "${ipamDriver}" not found`)
  }
  return known
}

function shownConfig(asked: IpamConfig | undefined, pool: Pool): IpamConfig {
  const gateway = pool.gateway === undefined ? {} : { Gateway: formatAddress(pool.gateway) }
  if (asked === undefined) return { Subnet: formatPrefix(pool.subnet), ...gateway }
  return {
    Subnet: formatPrefix(pool.subnet),
    ...(asked.IPRange && { IPRange: asked.IPRange }),
    ...gateway,
    ...(Object.keys(asked.AuxiliaryAddresses ?? {}).length > 0 && {
      AuxiliaryAddresses: asked.AuxiliaryAddresses,
    }),
  }
}

function linkOf(
  network: NetworkRecord,
  networks: readonly NetworkRecord[],
): Pick<NetworkRecord, 'link' | 'ownsLink'> {
  if (network.driver !== 'bridge') return parentOf(network, network.driver as 'macvlan' | 'ipvlan')
  const link = readBridgeOptions(network.options).name ?? `br-${network.id.slice(0, 12)}`
  const other = networks.find((one) => one.link === link)
  if (other !== undefined) {
    const ids = `${network.id} (${link}): conflicts with network ${other.id} (${link})`
    throw new EngineError('forbidden', `cannot create network ${ids}: networks have same bridge name`)
  }
  return { link, ownsLink: true }
}

/** Without `-o parent=` Docker makes a dummy interface, and nothing outside can be reached. */
function parentOf(
  network: NetworkRecord,
  driver: 'macvlan' | 'ipvlan',
): Pick<NetworkRecord, 'link' | 'ownsLink'> {
  readSubInterface(driver, network.options)
  readMtu(network.options)
  const parent = network.options?.['parent']
  if (parent === undefined || parent === '') return { link: `dm-${network.id.slice(0, 12)}`, ownsLink: true }
  if (parent.includes('.')) {
    throw new EngineError(
      'not-supported',
      `VLAN sub-interface ${parent} is not available: name an existing interface`,
    )
  }
  return { link: parent, ownsLink: false }
}

/** `bridge`, `host` and `none`, which exist from the first start. */
export function predefinedNetwork(name: (typeof PREDEFINED)[number], context: CreateContext): NetworkRecord {
  const common = {
    id: context.id,
    name,
    created: context.created,
    internal: false,
    attachable: false,
    labels: {},
    ipamOptions: null,
    userSubnet: false,
  }
  if (name !== 'bridge') {
    return { ...common, driver: name === 'host' ? 'host' : 'null', options: {}, ipamConfig: null }
  }
  const pool = makePool(undefined, context.reserved)
  const options = {
    [OPTION.defaultBridge]: 'true',
    [OPTION.icc]: 'true',
    [OPTION.masquerade]: 'true',
    [OPTION.hostBinding]: '0.0.0.0',
    [OPTION.bridgeName]: 'docker0',
    [OPTION.mtu]: '1500',
  }
  const config = [shownConfig(undefined, pool)]
  return { ...common, driver: 'bridge', options, ipamConfig: config, pool, link: 'docker0', ownsLink: true }
}
