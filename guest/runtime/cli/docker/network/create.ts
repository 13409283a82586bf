/** `docker network create`. */
import type { IpamConfig, NetworkCreateRequest } from '../../../../protocol/api/engine-api.ts'
import { CliError } from '../../shared/cli-error.ts'
import type { CliContext } from '../../shared/context.ts'
import type { ParsedFlags } from '../../shared/parse-flags.ts'
import { cut } from '../run/checks.ts'
import { keyValues } from '../run/key-values.ts'
import { subnetContains } from './cidr.ts'
import type { NetworkFlags } from '../table/network-flags.ts'

type Ranges = Map<string, IpamConfig & { AuxiliaryAddresses: Record<string, string> }>

function subnetsOf(flags: ParsedFlags<NetworkFlags['create']>): Ranges {
  const ranges: Ranges = new Map()
  for (const subnet of flags.list('subnet')) {
    for (const known of ranges.keys()) {
      if (subnetContains(subnet, known) || subnetContains(known, subnet)) {
        throw new Error('multiple overlapping subnet configuration is not supported')
      }
    }
    ranges.set(subnet, { Subnet: subnet, AuxiliaryAddresses: {} })
  }
  return ranges
}

function place(
  ranges: Ranges,
  address: string,
  what: string,
): IpamConfig & { AuxiliaryAddresses: Record<string, string> } {
  for (const [subnet, range] of ranges) if (subnetContains(subnet, address)) return range
  throw new Error(`no matching subnet for ${what} ${address}`)
}

function ipamConfig(flags: ParsedFlags<NetworkFlags['create']>): IpamConfig[] {
  const ipRanges = flags.list('ip-range')
  const gateways = flags.list('gateway')
  const ranges = subnetsOf(flags)
  if (ranges.size < ipRanges.length || ranges.size < gateways.length) {
    throw new Error('every ip-range or gateway must have a corresponding subnet')
  }
  for (const range of ipRanges) {
    const config = place(ranges, range, 'range')
    if (config.IPRange !== undefined) {
      throw new Error(
        `cannot configure multiple ranges (${range}, ${config.IPRange}) on the same subnet (${config.Subnet})`,
      )
    }
    config.IPRange = range
  }
  for (const gateway of gateways) {
    const config = place(ranges, gateway, 'gateway')
    if (config.Gateway !== undefined) {
      throw new Error(
        `cannot configure multiple gateways (${gateway}, ${config.Gateway}) for the same subnet (${config.Subnet})`,
      )
    }
    config.Gateway = gateway
  }
  for (const entry of flags.list('aux-address')) {
    const [name, address = ''] = cut(entry, '=')
    place(ranges, address, 'aux-address').AuxiliaryAddresses[name] = address
  }
  return [...ranges.values()]
}

function requestOf({ flags, args }: CliContext<NetworkFlags['create']>): NetworkCreateRequest {
  return {
    Name: args[0]!,
    Driver: flags.string('driver'),
    Scope: flags.string('scope'),
    ...(flags.changed('ipv4') && { EnableIPv4: flags.bool('ipv4') }),
    ...(flags.changed('ipv6') && { EnableIPv6: flags.bool('ipv6') }),
    IPAM: {
      Driver: flags.string('ipam-driver'),
      Options: keyValues(flags.list('ipam-opt')),
      Config: ipamConfig(flags),
    },
    Internal: flags.bool('internal'),
    Attachable: flags.bool('attachable'),
    Ingress: flags.bool('ingress'),
    ConfigOnly: flags.bool('config-only'),
    ...(flags.string('config-from') !== '' && { ConfigFrom: { Network: flags.string('config-from') } }),
    Options: keyValues(flags.list('opt')),
    Labels: keyValues(flags.list('label')),
  }
}

export async function create(context: CliContext<NetworkFlags['create']>): Promise<number> {
  let json: NetworkCreateRequest
  try {
    json = requestOf(context)
  } catch (error) {
    throw new CliError((error as Error).message)
  }
  const { Id } = await context.api.json('POST', '/networks/create', { json })
  await context.session.stdout.write(`${Id}\n`)
  return 0
}
