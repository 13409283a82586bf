/** Addresses of the engine's services that containers and the guest's programs reach by the network. */
export const GUEST_SERVICES = {
  /** On the guest's loopback interface; in the block for benchmarks (RFC 2544), which no network of containers gets. */
  address: '198.18.0.1',
  /** The host name of the page's registry, which speaks plain HTTP. */
  registryName: 'registry.local',
  registryPort: 80,
  /** The port of a name server that knows that name and no other. */
  dnsPort: 53,
} as const
