/** What the testcontainers suites share: an engine the library finds by itself, and objects that go after their test. */
import { text } from 'node:stream/consumers'
import { GenericContainer, Network, type StartedNetwork, type StartedTestContainer } from 'testcontainers'
import { afterAll, beforeAll } from 'vitest'
import { engineOnSocket, type EngineOnSocket } from './engine-on-socket.ts'
import { undoAfterEach } from './undo-after-each.ts'

/** Runs until it is killed. */
export const FOREVER = ['sleep', '1000000']

export class TestcontainersBench {
  #engine: EngineOnSocket | undefined
  readonly undo = undoAfterEach()

  /** Boots one guest for the tests of the file, which is where the library looks for Docker. */
  static forThisFile(): TestcontainersBench {
    const bench = new TestcontainersBench()
    beforeAll(async () => {
      bench.#engine = await engineOnSocket({ publish: true })
      process.env.DOCKER_HOST = `unix://${bench.#engine.socketPath}`
      // Ryuk is a container of the library's that removes what a crashed test left; its image is not one of ours.
      process.env.TESTCONTAINERS_RYUK_DISABLED = 'true'
      // Ports are published on the IPv4 loopback.
      process.env.TESTCONTAINERS_HOST_OVERRIDE = '127.0.0.1'
      process.env.TESTCONTAINERS_REUSE_ENABLE = 'true'
    })
    afterAll(() => bench.#engine?.close())
    return bench
  }

  get socketPath(): string {
    return this.#engine!.socketPath
  }

  /** A shell command in the guest itself, as root; one that fails is an error. */
  guest(command: string): Promise<string> {
    return this.#engine!.machine.output(command)
  }

  /** Starts it, with a command that runs forever unless `configure` says another; stopped and removed after the test. */
  async start(
    configure: (container: GenericContainer) => GenericContainer = (it) => it,
  ): Promise<StartedTestContainer> {
    return this.started(configure(new GenericContainer('busybox').withCommand(FOREVER)))
  }

  async started(container: GenericContainer): Promise<StartedTestContainer> {
    const started = await container.start()
    this.undo(() => started.stop())
    return started
  }

  async network(): Promise<StartedNetwork> {
    const network = await new Network().start()
    this.undo(() => network.stop())
    return network
  }
}

/** Output of a shell command in a container that must succeed. */
export async function says(container: StartedTestContainer, command: string): Promise<string> {
  const { output, exitCode } = await container.exec(['sh', '-c', command])
  if (exitCode !== 0) throw new Error(`${command}: exit ${exitCode}\n${output}`)
  return output.trim()
}

/** All that a container has said, once it has ended. */
export async function allLogs(container: StartedTestContainer): Promise<string> {
  return text(await container.logs())
}
