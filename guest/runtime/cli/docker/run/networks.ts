/** Reads `--network` in its short and long form, and the flags that belong to the first network. */
import type { EndpointSettings } from '../../../../protocol/api/engine-api.ts'
import type { ParsedFlags } from '../../shared/parse-flags.ts'
import { csvFields, cut } from './checks.ts'

export interface NetworkAttachment {
  target: string
  aliases: string[]
  links: string[]
  ipv4: string
  ipv6: string
  linkLocal: string[]
  mac: string
  driverOptions: Record<string, string>
  gatewayPriority: number
}

/** Flags that belong to the first network. */
interface EndpointFlags {
  'network-alias': 'list'
  link: 'list'
  'link-local-ip': 'list'
  ip: 'string'
  ip6: 'string'
  'mac-address': 'string'
}

const attachmentTo = (target: string): NetworkAttachment => ({
  target,
  aliases: [],
  links: [],
  ipv4: '',
  ipv6: '',
  linkLocal: [],
  mac: '',
  driverOptions: {},
  gatewayPriority: 0,
})

function parseGatewayPriority(value: string): number {
  if (!/^[+-]?\d+$/.test(value)) throw new Error(`invalid gw-priority (${value}): invalid syntax`)
  return Number(value)
}

function parseDriverOption(text: string): [string, string] {
  const [key, value] = cut(text.toLowerCase(), '=')
  if (value === undefined || key === '') throw new Error('invalid key value pair format in driver options')
  return [key.trim(), value.trim()]
}

function setField(attachment: NetworkAttachment, key: string, value: string): void {
  if (key === 'name') attachment.target = value
  else if (key === 'alias') attachment.aliases.push(value)
  else if (key === 'ip') attachment.ipv4 = value
  else if (key === 'ip6') attachment.ipv6 = value
  else if (key === 'mac-address') attachment.mac = value
  else if (key === 'link-local-ip') attachment.linkLocal.push(value)
  else if (key === 'gw-priority') attachment.gatewayPriority = parseGatewayPriority(value)
  else if (key === 'driver-opt') {
    const [name, setting] = parseDriverOption(value)
    attachment.driverOptions[name] = setting
  } else throw new Error(`invalid field key ${key}`)
}

/** @throws Error with docker/cli's sentence (opts/network.go) */
export function parseNetwork(text: string): NetworkAttachment {
  if (!/\w+=\w+(,\w+=\w+)*/.test(text)) return attachmentTo(text)
  const attachment = attachmentTo('')
  for (const field of csvFields(text)) {
    const [key, value] = cut(field.toLowerCase(), '=')
    if (value === undefined || key === '') throw new Error(`invalid field ${field}`)
    setField(attachment, key.trim(), value.trim())
  }
  if (attachment.target === '') throw new Error('network name/id is not specified')
  return attachment
}

/** Whether a mode is a user-defined network, as Docker's NetworkMode.IsUserDefined says. */
export const isUserDefined = (mode: string): boolean =>
  !['default', 'bridge', 'host', 'none'].includes(mode) && !mode.startsWith('container:')

function conflict(first: string, second: string): never {
  throw new Error(`conflicting options: cannot specify both ${first} and ${second}`)
}

function applyContainerFlags(attachment: NetworkAttachment, flags: ParsedFlags<EndpointFlags>): void {
  const aliases = flags.list('network-alias')
  const links = flags.list('link')
  const linkLocal = flags.list('link-local-ip')
  if (attachment.aliases.length > 0 && aliases.length > 0) conflict('--network-alias', 'per-network alias')
  if (attachment.ipv4 !== '' && flags.string('ip') !== '') conflict('--ip', 'per-network IPv4 address')
  if (attachment.ipv6 !== '' && flags.string('ip6') !== '') conflict('--ip6', 'per-network IPv6 address')
  if (attachment.mac !== '' && flags.string('mac-address') !== '')
    conflict('--mac-address', 'per-network MAC address')
  if (attachment.linkLocal.length > 0 && linkLocal.length > 0) {
    conflict('--link-local-ip', 'per-network link-local IP addresses')
  }
  if (aliases.length > 0) attachment.aliases = aliases
  // On a network that is named a link is an alias of the endpoint; on the default one it is the old kind of link.
  if (attachment.target !== 'default' && links.length > 0) attachment.links = links
  if (linkLocal.length > 0) attachment.linkLocal = linkLocal
  attachment.ipv4 = flags.string('ip') || attachment.ipv4
  attachment.ipv6 = flags.string('ip6') || attachment.ipv6
  attachment.mac = flags.string('mac-address') || attachment.mac
}

const MAC =
  /^([0-9a-fA-F]{2}([:-])[0-9a-fA-F]{2}(\2[0-9a-fA-F]{2}){4,6}|([0-9a-fA-F]{4}\.){2,3}[0-9a-fA-F]{4})$/

export function checkMac(mac: string): void {
  if (!MAC.test(mac.trim())) throw new Error(`${mac} is not a valid mac address`)
}

function endpointOf(attachment: NetworkAttachment): Partial<EndpointSettings> {
  if (attachment.target.trim() === '') throw new Error('no name set for network')
  if (!isUserDefined(attachment.target)) {
    if (attachment.aliases.length > 0)
      throw new Error('network-scoped aliases are only supported for user-defined networks')
    if (attachment.links.length > 0) throw new Error('links are only supported for user-defined networks')
  }
  const endpoint: Partial<EndpointSettings> = {}
  if (attachment.gatewayPriority !== 0) endpoint.GwPriority = attachment.gatewayPriority
  if (attachment.aliases.length > 0) endpoint.Aliases = attachment.aliases
  if (Object.keys(attachment.driverOptions).length > 0) endpoint.DriverOpts = attachment.driverOptions
  if (attachment.links.length > 0) endpoint.Links = attachment.links
  const { ipv4, ipv6, linkLocal } = attachment
  if (ipv4 !== '' || ipv6 !== '' || linkLocal.length > 0) {
    endpoint.IPAMConfig = {
      ...(ipv4 !== '' && { IPv4Address: ipv4 }),
      ...(ipv6 !== '' && { IPv6Address: ipv6 }),
      ...(linkLocal.length > 0 && { LinkLocalIPs: linkLocal }),
    }
  }
  if (attachment.mac !== '') {
    checkMac(attachment.mac)
    endpoint.MacAddress = attachment.mac
  }
  return endpoint
}

/**
 * The mode of the first network, and the settings of each network that has any. @throws Error with Docker's sentence
 */
export function parseNetworks(flags: ParsedFlags<EndpointFlags & { network: 'network' }>): {
  mode: string
  endpoints: Record<string, Partial<EndpointSettings>>
} {
  const given = flags.list('network').map(parseNetwork)
  const attachments = given.length === 0 ? [attachmentTo('default')] : given
  const kinds = new Set(given.map(({ target }) => isUserDefined(target)))
  const endpoints: Record<string, Partial<EndpointSettings>> = {}
  attachments.forEach((attachment, at) => {
    if (at === 0) applyContainerFlags(attachment, flags)
    const endpoint = endpointOf(attachment)
    if (attachment.target in endpoints) {
      throw new Error(`network ${JSON.stringify(attachment.target)} is specified multiple times`)
    }
    if (given.length !== 1 || Object.keys(endpoint).length > 0) endpoints[attachment.target] = endpoint
  })
  if (kinds.size > 1) {
    throw new Error('conflicting options: cannot attach both user-defined and non-user-defined network-modes')
  }
  return { mode: attachments[0]!.target, endpoints }
}
