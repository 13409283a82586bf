/**
 * Serves published ports on the guest's IPv6 addresses that address translation cannot: it translates within one
 * address family, and not from the loopback interface. The engine copies their bytes, as Docker's docker-proxy does.
 */
import { createSocket, type Socket as UdpSocket } from 'node:dgram'
import { connect, createServer, type Socket } from 'node:net'
import { pipeline } from 'node:stream/promises'
import { EngineError } from '../../../protocol/errors.ts'

export interface ProxiedPort {
  protocol: 'tcp' | 'udp'
  /** An IPv6 address of the guest; `::` is all of them. */
  hostAddress: string
  hostPort: number
  /** The container's address, of either family. */
  address: string
  port: number
}

type Close = () => void

/** docker-proxy forgets a UDP client that is silent for this long. */
const UDP_IDLE_MS = 90_000

const keyOf = ({ protocol, hostAddress, hostPort }: ProxiedPort): string =>
  `${protocol} ${hostAddress} ${hostPort}`

export class PortProxy {
  readonly #open = new Map<string, Close>()

  /** Listens for all of them; rejects `internal`, and listens for none, when an address and port can't be had. */
  async open(ports: readonly ProxiedPort[]): Promise<void> {
    const opened: ProxiedPort[] = []
    try {
      for (const port of ports) {
        const close = await (port.protocol === 'tcp' ? listenTcp(port) : listenUdp(port))
        this.#open.set(keyOf(port), close)
        opened.push(port)
      }
    } catch (error) {
      // The refused one may be open for another container.
      this.close(opened)
      throw error
    }
  }

  /** Stops listening on these ports and ends their connections. Ignores ports that are not open. */
  close(ports: readonly ProxiedPort[]): void {
    for (const key of ports.map(keyOf)) {
      this.#open.get(key)?.()
      this.#open.delete(key)
    }
  }
}

function refusal(port: ProxiedPort, error: NodeJS.ErrnoException): EngineError {
  const { hostAddress, hostPort, address, protocol } = port
  const inside = address.includes(':') ? `[${address}]` : address
  const binding = `[${hostAddress}]:${hostPort}:${inside}:${port.port}/${protocol}`
  const reason = error.code === 'EADDRINUSE' ? 'address already in use' : error.message
  return new EngineError('internal', `failed to bind host port for ${binding}: ${reason}`, {}, error)
}

function listenTcp(port: ProxiedPort): Promise<Close> {
  const sockets = new Set<Socket>()
  const keep = (socket: Socket): void => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  }
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
    const inner = connect({ host: port.address, port: port.port, allowHalfOpen: true, noDelay: true })
    keep(client)
    keep(inner)
    Promise.all([pipeline(client, inner), pipeline(inner, client)]).catch(() => {
      // The other side sees the connection end, as it would without a proxy.
      client.destroy()
      inner.destroy()
    })
  })
  return new Promise((resolve, reject) => {
    // An error after it listens means that one connection could not be accepted; the promise is settled then.
    server.on('error', (error) => reject(refusal(port, error)))
    server.listen({ host: port.hostAddress, port: port.hostPort, ipv6Only: true }, () =>
      resolve(() => {
        server.close()
        for (const socket of sockets) socket.destroy()
      }),
    )
  })
}

function listenUdp(port: ProxiedPort): Promise<Close> {
  const outer = createSocket({ type: 'udp6', ipv6Only: true })
  const clients = new Map<string, UdpClient>()
  outer.on('message', (message, from) => {
    const key = `${from.address} ${from.port}`
    const known = clients.get(key)
    const client =
      known ??
      new UdpClient(port, {
        answer: (bytes) => outer.send(bytes, from.port, from.address),
        end: () => clients.delete(key),
      })
    clients.set(key, client)
    client.send(message)
  })
  return new Promise((resolve, reject) => {
    // An error after it is bound means that one datagram could not be sent; the promise is settled then.
    outer.on('error', (error) => reject(refusal(port, error)))
    outer.bind({ address: port.hostAddress, port: port.hostPort }, () =>
      resolve(() => {
        outer.close()
        for (const client of clients.values()) client.end()
      }),
    )
  })
}

/** A client's socket on the container's side: its answers are told apart by its port. */
class UdpClient {
  readonly #socket: UdpSocket
  readonly #target: Pick<ProxiedPort, 'address' | 'port'>
  readonly #onEnd: () => void
  readonly #idle: NodeJS.Timeout

  constructor(
    target: Pick<ProxiedPort, 'address' | 'port'>,
    client: { answer(bytes: Uint8Array): void; end(): void },
  ) {
    this.#target = target
    this.#socket = createSocket(target.address.includes(':') ? 'udp6' : 'udp4')
    this.#onEnd = client.end
    this.#idle = setTimeout(() => this.end(), UDP_IDLE_MS)
    this.#socket.on('message', (bytes) => {
      this.#idle.refresh()
      client.answer(bytes)
    })
    // The container does not listen there: the client hears nothing, as when a datagram is lost.
    this.#socket.on('error', () => this.end())
  }

  send(message: Uint8Array): void {
    this.#idle.refresh()
    this.#socket.send(message, this.#target.port, this.#target.address)
  }

  end(): void {
    clearTimeout(this.#idle)
    this.#socket.close()
    this.#onEnd()
  }
}
