/** Makes a container's /etc/hosts and /etc/resolv.conf from the records. */
import type { Files } from '../../../host/files/files.ts'
import { guestResolvConf } from './embedded-dns.ts'
import { hostsFile, resolvConfFile } from './etc-files.ts'
import { ANY_ADDRESS } from '../address/ip-address.ts'
import type { Sandbox } from '../network-api.ts'
import type { NetworkRecord, SandboxRecord } from '../network-records.ts'
import type { NetworkStore } from '../network-store.ts'
import { hasEmbeddedDns } from '../sandbox.ts'

const GUEST_HOSTS = '/etc/hosts'

export class ContainerFiles {
  readonly #files: Files
  readonly #store: NetworkStore

  constructor(files: Files, store: NetworkStore) {
    this.#files = files
    this.#store = store
  }

  /**
   * Both files. A container in the guest's own namespace gets the guest's hosts, unless the request names hosts of its
   * own.
   */
  async both(sandbox: SandboxRecord, isHost: boolean): Promise<Pick<Sandbox, 'hosts' | 'resolvConf'>> {
    const host = await guestResolvConf(this.#files)
    const { dns, dnsSearch, dnsOptions } = sandbox
    const embedded = hasEmbeddedDns(sandbox, this.#store)
    const resolvConf = resolvConfFile({ host, dns, dnsSearch, dnsOptions, embedded })
    const isGuests = isHost && sandbox.extraHosts.length === 0 && (await this.#files.exists(GUEST_HOSTS))
    const hosts = isGuests ? await this.#files.readText(GUEST_HOSTS) : this.hosts(sandbox)
    return { hosts, resolvConf }
  }

  hosts(sandbox: SandboxRecord): string {
    const { hostname, domainname, extraHosts } = sandbox
    const bridge = [...this.#store.networks.values()].find(({ name }) => name === 'bridge')
    const addresses = sandbox.endpoints.flatMap((endpoint) =>
      Object.values(endpoint.addresses).map(({ address }) => address),
    )
    const hostGateway = bridge?.pools[4]?.gateway ?? ANY_ADDRESS[4]
    const links = this.#legacyLinks(sandbox, bridge)
    return hostsFile({ hostname, domainname, extraHosts, hostGateway, addresses, links })
  }

  /** The lines of /etc/hosts for links on the default bridge, which has no name server. */
  #legacyLinks(
    sandbox: SandboxRecord,
    bridge: NetworkRecord | undefined,
  ): { address: string; names: string[] }[] {
    if (bridge === undefined || !sandbox.endpoints.some(({ networkId }) => networkId === bridge.id)) return []
    return (sandbox.links ?? []).flatMap(({ alias, containerId }) => {
      const found = this.#store.endpointsOn(bridge.id).find((one) => one.sandbox.containerId === containerId)
      const address = found?.endpoint.addresses[4]?.address
      if (found === undefined || address === undefined) return []
      const { hostname, name } = found.sandbox
      const names = [alias, hostname, ...(alias === name ? [] : [name])]
      return { address, names }
    })
  }
}
