/** Maps the containers' published TCP ports to this host's loopback, following the engine's events. */
import { createServer } from 'node:net'
import type { Server, Socket } from 'node:net'
import type { ContainerSummary, EngineEvent } from '../../../guest/protocol/api/engine-api.ts'
import { EngineError } from '../../../guest/protocol/errors.ts'
import { pipeStreams } from '../../../guest/protocol/wire/pipe-streams.ts'
import { byteStreamOf } from '../../../guest/runtime/host/net/node-stream.ts'
import { EngineApi } from '../../../guest/vocabulary/engine-client/engine-api.ts'
import type { HeadlessMachine } from './headless-machine.ts'
import { note } from '../log.ts'

export interface PublishedPorts {
  close(): Promise<void>
}

/** Events after which a container may publish other ports. */
const TURNING_POINTS = new Set(['start', 'die', 'destroy', 'connect', 'disconnect'])

export async function publishPorts(machine: HeadlessMachine): Promise<PublishedPorts> {
  const api = new EngineApi(machine.transport)
  const listeners = new Map<number, Listener>()
  const stop = new AbortController()
  const refresh = async () => {
    await listen(machine, listeners, publishedPorts(await api.json('GET', '/containers/json')))
  }
  const events = await api.stream('GET', '/events', { signal: stop.signal })
  await refresh()
  const following = follow(events, refresh)
  following.catch((error: unknown) => {
    if (!stop.signal.aborted)
      note(`porthole: published ports are no longer followed: ${EngineError.from(error).message}`)
  })
  return {
    async close() {
      stop.abort()
      await Promise.all(Array.from(listeners.values(), (listener) => listener.close()))
    },
  }
}

/** Ports of running containers that are published as TCP, by the engine's own list. */
export function publishedPorts(containers: ContainerSummary[]): Set<number> {
  const ports = containers.flatMap(({ Ports }) => Ports ?? [])
  return new Set(ports.flatMap(({ Type, PublicPort }) => (Type === 'tcp' && PublicPort ? [PublicPort] : [])))
}

async function follow(events: AsyncIterable<EngineEvent>, refresh: () => Promise<void>): Promise<void> {
  for await (const { Action } of events) if (TURNING_POINTS.has(Action)) await refresh()
}

async function listen(
  machine: HeadlessMachine,
  listeners: Map<number, Listener>,
  wanted: Set<number>,
): Promise<void> {
  for (const [port, listener] of listeners) {
    if (wanted.has(port)) continue
    listeners.delete(port)
    await listener.close()
  }
  for (const port of wanted) {
    if (listeners.has(port)) continue
    const listener = new Listener(machine, port)
    listeners.set(port, listener)
    await listener.open()
  }
}

class Listener {
  readonly #port: number
  readonly #server: Server
  readonly #sockets = new Set<Socket>()

  constructor(machine: HeadlessMachine, port: number) {
    this.#port = port
    this.#server = createServer({ allowHalfOpen: true }, (socket) => {
      this.#sockets.add(socket)
      socket.once('close', () => this.#sockets.delete(socket))
      void connect(machine, port, socket)
    })
  }

  /** Reports a port that is taken on this host and goes on: the others still work. */
  open(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.once('error', (error) => {
        note(`porthole: port ${this.#port} cannot be published on this host: ${error.message}`)
        resolve()
      })
      this.#server.listen(this.#port, '127.0.0.1', () => {
        note(`porthole: 127.0.0.1:${this.#port} is published`)
        resolve()
      })
    })
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    if (this.#server.listening) await new Promise((closed) => this.#server.close(closed))
  }
}

async function connect(machine: HeadlessMachine, port: number, socket: Socket): Promise<void> {
  const local = byteStreamOf(socket)
  try {
    await pipeStreams(local, await machine.openStream({ service: 'tcp', port }))
  } catch (error) {
    local.reset(EngineError.from(error).message)
  }
}
