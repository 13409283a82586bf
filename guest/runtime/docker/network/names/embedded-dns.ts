/** A container's embedded name server: the records answer for its networks' names, servers outside for all others. */
import { answerQuery, refuse } from './dns.ts'
import { gatewayEndpoints } from '../endpoint.ts'
import { externalNameservers, parseResolvConf, type ResolvConf } from './etc-files.ts'
import type { Family } from '../address/ip-address.ts'
import { namesFor } from './names.ts'
import type { NetworkDeps } from '../network-deps.ts'
import type { SandboxRecord } from '../network-records.ts'
import type { NetworkStore } from '../network-store.ts'

const GUEST_RESOLV_CONF = '/etc/resolv.conf'
/** Docker too asks at most three servers. */
const MAX_SERVERS = 3
/** RFC 1035 section 4.1.1: after SERVFAIL and REFUSED another server may still know the name. */
const ASK_NEXT = [2, 5]

/** The file hardly ever changes, and each start and each question to a server outside reads it. */
let latest: { text: string; conf: ResolvConf } | undefined

export async function guestResolvConf(files: NetworkDeps['files']): Promise<Readonly<ResolvConf>> {
  const text = (await files.exists(GUEST_RESOLV_CONF)) ? await files.readText(GUEST_RESOLV_CONF) : ''
  if (latest?.text !== text) latest = { text, conf: parseResolvConf(text) }
  return latest.conf
}

export class EmbeddedDns {
  readonly #deps: NetworkDeps
  readonly #store: NetworkStore
  /** A counter for each family, because a client asks for both kinds of address, one after the other. */
  readonly #turns = { 4: 0, 6: 0 } satisfies Record<Family, number>

  constructor(deps: NetworkDeps, store: NetworkStore) {
    this.#deps = deps
    this.#store = store
  }

  async resolve(containerId: string, query: Uint8Array): Promise<Uint8Array> {
    const sandbox = this.#store.sandboxes.get(containerId)
    if (sandbox === undefined) return refuse(query, 'serverFailure')
    const { networks, sandboxes } = this.#store
    const names = namesFor(sandbox, [...sandboxes.values()], networks, (...found) => this.#rotate(...found))
    return answerQuery(query, names) ?? (await this.#askOutside(sandbox, query))
  }

  /** Rotates the addresses, so that each answer begins one address further. */
  #rotate(addresses: string[], family: Family): string[] {
    if (addresses.length < 2) return addresses
    const start = this.#turns[family]++ % addresses.length
    return [...addresses.slice(start), ...addresses.slice(0, start)]
  }

  async #askOutside(sandbox: SandboxRecord, query: Uint8Array): Promise<Uint8Array> {
    const hasWayOut = Object.keys(gatewayEndpoints(sandbox.endpoints, this.#store.networks)).length > 0
    const forward = this.#deps.forwardDns
    if (!hasWayOut || forward === undefined) return refuse(query, 'serverFailure')
    const host = await guestResolvConf(this.#deps.files)
    const servers = externalNameservers({ host, dns: sandbox.dns }).slice(0, MAX_SERVERS)
    for (const server of servers) {
      const answer = await forward(query, server).catch(() => undefined) // an unreachable server: the next one
      if (answer !== undefined && !ASK_NEXT.includes((answer[3] ?? 2) & 15)) return answer
    }
    return refuse(query, 'serverFailure')
  }
}
