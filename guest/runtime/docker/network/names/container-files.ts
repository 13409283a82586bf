/** A container's /etc/hosts and /etc/resolv.conf from the records. */
import type { Files } from '../../../host/files/files.ts'
import { guestResolvConf } from './embedded-dns.ts'
import { hostsFile, resolvConfFile } from './etc-files.ts'
import { formatAddress } from '../address/ipv4.ts'
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

  /** Of a container in the guest's own namespace: the guest's file, and what the request adds. */
  async both(sandbox: SandboxRecord, isHost: boolean): Promise<Pick<Sandbox, 'hosts' | 'resolvConf'>> {
    const host = await guestResolvConf(this.#files)
    const { dns, dnsSearch, dnsOptions } = sandbox
    const embedded = hasEmbeddedDns(sandbox, this.#store)
    const resolvConf = resolvConfFile({ host, dns, dnsSearch, dnsOptions, embedded })
    const guestHosts = isHost && (await this.#files.exists(GUEST_HOSTS))
    if (!guestHosts) return { hosts: this.hosts(sandbox), resolvConf }
    const own = await this.#files.readText(GUEST_HOSTS)
    const extra = this.hosts(sandbox).split('\n').slice(1).join('\n')
    return { hosts: own.endsWith('\n') ? own + extra : `${own}\n${extra}`, resolvConf }
  }

  hosts(sandbox: SandboxRecord): string {
    const { hostname, domainname, extraHosts } = sandbox
    const bridge = [...this.#store.networks.values()].find(({ name }) => name === 'bridge')
    const addresses = sandbox.endpoints.flatMap(({ address }) =>
      address === undefined ? [] : formatAddress(address),
    )
    const hostGateway = formatAddress(bridge?.pool?.gateway ?? 0)
    const links = this.#legacyLinks(sandbox, bridge)
    return hostsFile({ hostname, domainname, extraHosts, hostGateway, addresses, links })
  }

  /** On the default bridge, which has no name server, links are lines of /etc/hosts. */
  #legacyLinks(
    sandbox: SandboxRecord,
    bridge: NetworkRecord | undefined,
  ): { address: string; names: string[] }[] {
    if (bridge === undefined || !sandbox.endpoints.some(({ networkId }) => networkId === bridge.id)) return []
    return (sandbox.links ?? []).flatMap(({ alias, containerId }) => {
      const found = this.#store.endpointsOn(bridge.id).find((one) => one.sandbox.containerId === containerId)
      if (found?.endpoint.address === undefined) return []
      const { hostname, name } = found.sandbox
      const names = [alias, hostname, ...(alias === name ? [] : [name])]
      return { address: formatAddress(found.endpoint.address), names }
    })
  }
}
