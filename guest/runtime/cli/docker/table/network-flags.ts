/** Flags of `docker network …`. Words are Docker's (CLI 26.1). */
import { flagTables, type TypesOfAll } from '../../shared/flag-spec.ts'
import { checkLabel, checkLink } from '../run/checks.ts'
import { FORMAT_USAGE, INSPECT_FORMAT_USAGE, NEWER } from './usage-texts.ts'

export const NETWORK_FLAGS = flagTables({
  connect: [
    { name: 'alias', type: 'stringSlice', usage: 'Add network-scoped alias for the container' },
    { name: 'driver-opt', type: 'stringSlice', usage: 'driver options for the network' },
    {
      ...NEWER,
      name: 'gw-priority',
      type: 'int',
      usage: 'Highest gw-priority provides the default gateway. Accepts positive and negative values.',
    },
    { name: 'ip', type: 'string', usage: 'IPv4 address (e.g., "172.30.100.104")' },
    { name: 'ip6', type: 'string', usage: 'IPv6 address (e.g., "2001:db8::33")' },
    { name: 'link', type: 'list', usage: 'Add link to another container', check: checkLink },
    { name: 'link-local-ip', type: 'stringSlice', usage: 'Add a link-local address for the container' },
  ],
  create: [
    { name: 'attachable', type: 'bool', usage: 'Enable manual container attachment' },
    {
      name: 'aux-address',
      type: 'map',
      usage: 'Auxiliary IPv4 or IPv6 addresses used by Network driver',
      default: 'map[]',
    },
    { name: 'config-from', type: 'string', usage: 'The network from which to copy the configuration' },
    { name: 'config-only', type: 'bool', usage: 'Create a configuration only network' },
    {
      name: 'driver',
      short: 'd',
      type: 'string',
      usage: 'Driver to manage the Network',
      default: 'bridge',
    },
    { name: 'gateway', type: 'stringSlice', usage: 'IPv4 or IPv6 Gateway for the master subnet' },
    { name: 'ingress', type: 'bool', usage: 'Create swarm routing-mesh network' },
    { name: 'internal', type: 'bool', usage: 'Restrict external access to the network' },
    { name: 'ip-range', type: 'stringSlice', usage: 'Allocate container ip from a sub-range' },
    { name: 'ipam-driver', type: 'string', usage: 'IP Address Management Driver', default: 'default' },
    { name: 'ipam-opt', type: 'map', usage: 'Set IPAM driver specific options', default: 'map[]' },
    {
      ...NEWER,
      name: 'ipv4',
      type: 'bool',
      usage: 'Enable or disable IPv4 address assignment',
      default: 'true',
    },
    { name: 'ipv6', type: 'bool', usage: 'Enable IPv6 networking' },
    { name: 'label', type: 'list', usage: 'Set metadata on a network', check: checkLabel },
    { name: 'opt', short: 'o', type: 'map', usage: 'Set driver specific options', default: 'map[]' },
    { name: 'scope', type: 'string', usage: "Control the network's scope" },
    {
      name: 'subnet',
      type: 'stringSlice',
      usage: 'Subnet in CIDR format that represents a network segment',
    },
  ],
  disconnect: [
    { name: 'force', short: 'f', type: 'bool', usage: 'Force the container to disconnect from a network' },
  ],
  inspect: [
    { name: 'format', short: 'f', type: 'string', usage: INSPECT_FORMAT_USAGE },
    { name: 'verbose', short: 'v', type: 'bool', usage: 'Verbose output for diagnostics' },
  ],
  ls: [
    { name: 'filter', short: 'f', type: 'filter', usage: 'Provide filter values (e.g. "driver=bridge")' },
    { name: 'format', type: 'string', usage: FORMAT_USAGE },
    { name: 'no-trunc', type: 'bool', usage: 'Do not truncate the output' },
    { name: 'quiet', short: 'q', type: 'bool', usage: 'Only display network IDs' },
  ],
  prune: [
    { name: 'filter', type: 'filter', usage: 'Provide filter values (e.g. "until=<timestamp>")' },
    { name: 'force', short: 'f', type: 'bool', usage: 'Do not prompt for confirmation' },
  ],
  rm: [{ name: 'force', short: 'f', type: 'bool', usage: 'Do not error if the network does not exist' }],
})

export type NetworkFlags = TypesOfAll<typeof NETWORK_FLAGS>
