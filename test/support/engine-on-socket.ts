/** A guest whose engine other people's clients reach: on a unix socket of this host, published ports on its loopback. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { HeadlessMachine } from '../../scripts/lib/machine/headless-machine.ts'
import { publishPorts } from '../../scripts/lib/machine/publish-ports.ts'
import { serveEngineSocket } from '../../scripts/lib/machine/serve-engine-socket.ts'

export interface EngineOnSocket {
  machine: HeadlessMachine
  socketPath: string
  close(): Promise<void>
}

export async function engineOnSocket({ publish = false } = {}): Promise<EngineOnSocket> {
  const folder = await mkdtemp(join(tmpdir(), 'porthole-'))
  const machine = await HeadlessMachine.start()
  const socket = await serveEngineSocket(machine, join(folder, 'engine.sock'))
  const ports = publish ? await publishPorts(machine) : undefined
  return {
    machine,
    socketPath: socket.path,
    async close() {
      await ports?.close()
      await socket.close()
      await machine.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
