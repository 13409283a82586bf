import { rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import type { Socket } from 'node:net'
import { resolve } from 'node:path'
import { EngineError } from '../../../guest/protocol/errors.ts'
import { pipeStreams } from '../../../guest/protocol/wire/pipe-streams.ts'
import { byteStreamOf } from '../../../guest/runtime/host/net/node-stream.ts'
import type { HeadlessMachine } from './headless-machine.ts'

export interface EngineSocket {
  path: string
  close(): Promise<void>
}

/** Serves the guest's Engine API on a unix socket of this host; each connection is a stream of the channel. */
export async function serveEngineSocket(machine: HeadlessMachine, path: string): Promise<EngineSocket> {
  const full = resolve(path)
  const sockets = new Set<Socket>()
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
    void connect(machine, socket)
  })
  await new Promise<void>((listening, reject) => {
    server.once('error', (cause) =>
      reject(
        new EngineError('unavailable', `cannot listen on ${full}: ${cause.message}`, { path: full }, cause),
      ),
    )
    server.listen(full, listening)
  })
  return {
    path: full,
    async close() {
      for (const socket of sockets) socket.destroy()
      await new Promise((closed) => server.close(closed))
      await rm(full, { force: true })
    },
  }
}

async function connect(machine: HeadlessMachine, socket: Socket): Promise<void> {
  const local = byteStreamOf(socket)
  try {
    await pipeStreams(local, await machine.openStream({ service: 'engine' }))
  } catch (error) {
    local.reset(EngineError.from(error).message)
  }
}
