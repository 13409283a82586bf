/**
 * Makes a network's record from a create request; pure. Errors are in Docker's words (moby daemon/network.go,
 * libnetwork).
 */
import { EngineError } from '../../../protocol/errors.ts'
import type { IpamConfig, NetworkCreateRequest } from '../../../protocol/api/engine-api.ts'
import {
  ANY_ADDRESS,
  familyOf,
  formatPrefix,
  parsePrefix,
  type Family,
  type Prefix,
} from './address/ip-address.ts'
import { checkIpv6Subnet, makePool, validateIpam, type AddressBlock, type Pool } from './address/ipam.ts'
import {
  familiesWithoutGateway,
  OPTION,
  readBridgeOptions,
  readFamilyOption,
  readMtu,
  readSubInterface,
} from './network-options.ts'
import { PREDEFINED, type NetworkDriver, type NetworkRecord } from './network-records.ts'

export interface CreateContext {
  networks: readonly NetworkRecord[]
  /** Prefixes of the guest's other interfaces. */
  reserved: readonly Prefix[]
  /** The block of which an IPv6 network gets its subnet, when the request names none. */
  ipv6Block: AddressBlock
  id: string
  created: string
}

const DRIVERS = ['bridge', 'host', 'null', 'macvlan', 'ipvlan'] as const satisfies NetworkDriver[]

export function networkFromRequest(request: NetworkCreateRequest, context: CreateContext): NetworkRecord {
  validateName(request.Name, context.networks)
  validateFeatures(request)
  const driver = validateDriver(request.Driver || 'bridge', request.IPAM?.Driver)
  const families = familiesAsked(request)
  validateIpam(request.IPAM, families.includes(6))
  const configs = configsByFamily(request.IPAM?.Config ?? [])
  if (configs[4].length > 1 || configs[6].length > 1)
    throw new EngineError('forbidden', `${driver} driver doesn't support multiple subnets`)
  if (families.length === 0) throw new EngineError('invalid', 'IPv4 or IPv6 must be enabled')
  const taken = context.networks.flatMap(({ pools }) => Object.values(pools).map(({ subnet }) => subnet))
  const blocks = { 4: undefined, 6: [context.ipv6Block] }
  const pools: NetworkRecord['pools'] = {}
  const ungated =
    driver === 'bridge' ? familiesWithoutGateway(request.Options, request.Internal ?? false) : []
  for (const family of families) {
    const hasGateway = !ungated.includes(family)
    pools[family] = makePool(configs[family][0], [...taken, ...context.reserved], blocks[family], hasGateway)
    if (family === 6) checkIpv6Subnet(pools[6]!.subnet)
  }
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
    ipamConfig: ([4, 6] as const).flatMap((family) => shownConfig(configs[family][0], pools[family])),
    userSubnets: families.filter((family) => configs[family].length > 0),
    pools,
  }
  return { ...record, ...linkOf(record, context.networks) }
}

function familiesAsked({ EnableIPv4, EnableIPv6, Options }: NetworkCreateRequest): Family[] {
  const enabled = {
    4: EnableIPv4 ?? readFamilyOption(Options, OPTION.enableIpv4, true),
    6: EnableIPv6 ?? readFamilyOption(Options, OPTION.enableIpv6, false),
  }
  return ([4, 6] as const).filter((family) => enabled[family])
}

/** Groups the configurations by family. A wrong subnet counts as IPv4's: its fault has been reported before. */
function configsByFamily(configs: readonly IpamConfig[]): Record<Family, IpamConfig[]> {
  const familyIn = ({ Subnet }: IpamConfig) => familyOf(parsePrefix(Subnet ?? '')?.address ?? ANY_ADDRESS[4])
  return {
    4: configs.filter((config) => familyIn(config) === 4),
    6: configs.filter((config) => familyIn(config) === 6),
  }
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

/**
 * The configuration that inspect shows. dockerd also shows the request's configuration of a family that the network
 * does not have.
 */
function shownConfig(asked: IpamConfig | undefined, pool: Pool | undefined): IpamConfig[] {
  if (pool === undefined) return asked === undefined ? [] : [asked]
  const gateway = pool.gateway === undefined ? {} : { Gateway: pool.gateway }
  const auxiliary = asked?.AuxiliaryAddresses ?? {}
  return [
    {
      Subnet: formatPrefix(pool.subnet),
      ...(asked?.IPRange && { IPRange: asked.IPRange }),
      ...gateway,
      ...(Object.keys(auxiliary).length > 0 && { AuxiliaryAddresses: auxiliary }),
    },
  ]
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

/**
 * The parent of the network's interfaces. Without `-o parent=` Docker makes a dummy interface, from which nothing
 * outside can be reached.
 */
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
    userSubnets: [],
    pools: {},
  }
  if (name !== 'bridge') {
    return { ...common, driver: name === 'host' ? 'host' : 'null', options: {}, ipamConfig: null }
  }
  const pool = makePool(undefined, context.reserved)
  const options = {
    [OPTION.defaultBridge]: 'true',
    [OPTION.icc]: 'true',
    [OPTION.masquerade]: 'true',
    [OPTION.hostBinding]: ANY_ADDRESS[4],
    [OPTION.bridgeName]: 'docker0',
    [OPTION.mtu]: '1500',
  }
  const config = shownConfig(undefined, pool)
  const pools = { 4: pool }
  return { ...common, driver: 'bridge', options, ipamConfig: config, pools, link: 'docker0', ownsLink: true }
}
