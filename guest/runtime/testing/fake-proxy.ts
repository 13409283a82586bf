/** A proxy of ports for tests, which knows the open ports and those that others have. */
import { EngineError } from '../../protocol/errors.ts'
import type { ProxiedPort } from '../host/net/port-proxy.ts'
import type { NetworkDeps } from '../docker/network/network-deps.ts'

const shown = ({ protocol, hostAddress, hostPort, address, port }: ProxiedPort): string =>
  `[${hostAddress}]:${hostPort} ${address}:${port}/${protocol}`

export class FakeProxy implements Pick<NetworkDeps['proxy'], 'open' | 'close'> {
  /** The open ports, as `[::]:8080 172.17.0.2:80/tcp`. */
  readonly listening = new Set<string>()
  /** Host ports that processes of the guest have. */
  readonly taken = new Set<number>()

  async open(ports: readonly ProxiedPort[]): Promise<void> {
    const refused = ports.find(({ hostPort }) => this.taken.has(hostPort))
    if (refused !== undefined)
      throw new EngineError('internal', `failed to bind host port for ${shown(refused)}`)
    for (const port of ports) this.listening.add(shown(port))
  }

  close(ports: readonly ProxiedPort[]): void {
    for (const port of ports) this.listening.delete(shown(port))
  }
}
