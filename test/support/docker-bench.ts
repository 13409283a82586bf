/** What the dockerode suites share: an engine through the library, and objects that a test makes and that go after it. */
import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import Docker from 'dockerode'
import { afterAll, beforeAll } from 'vitest'
import { engineOnSocket, type EngineOnSocket } from './engine-on-socket.ts'
import { undoAfterEach } from './undo-after-each.ts'

export interface Output {
  code: number
  stdout: string
  stderr: string
}

/** A line of a pull, a build, an import. */
export interface Progress {
  status?: string
  id?: string
  stream?: string
  error?: string
  aux?: { ID?: string }
}

type CreateOptions = Docker.ContainerCreateOptions

/** Runs until it is killed, at once on SIGTERM too. */
export const IDLE = ['sh', '-c', 'trap "exit 0" TERM; sleep 1000000 & wait']

export class DockerBench {
  #engine: EngineOnSocket | undefined
  #docker: Docker | undefined
  readonly undo = undoAfterEach()

  /** Boots one guest for the tests of the file, with `images` pulled. */
  static forThisFile(...images: string[]): DockerBench {
    const bench = new DockerBench()
    beforeAll(async () => {
      bench.#engine = await engineOnSocket()
      bench.#docker = new Docker({ socketPath: bench.#engine.socketPath })
      for (const image of images) await bench.progress(await bench.docker.pull(image))
    })
    afterAll(() => bench.#engine?.close())
    return bench
  }

  get docker(): Docker {
    if (!this.#docker) throw new Error('the engine is there in tests and hooks only')
    return this.#docker
  }

  get socketPath(): string {
    return this.#engine!.socketPath
  }

  /** A shell command in the guest itself, as root; one that fails is an error. */
  guest(command: string): Promise<string> {
    return this.#engine!.machine.output(command)
  }

  async create(options: CreateOptions = {}): Promise<Docker.Container> {
    const container = await this.docker.createContainer({ Image: 'busybox', Cmd: ['true'], ...options })
    this.undo(() => container.remove({ force: true, v: true }))
    return container
  }

  /** A started one; idle unless it has a command. */
  async start(options: CreateOptions = {}): Promise<Docker.Container> {
    const container = await this.create({ Cmd: IDLE, ...options })
    await container.start()
    return container
  }

  /** A container that has ended. */
  async ended(command: string | string[], options: CreateOptions = {}): Promise<Docker.Container> {
    const container = await this.create({ ...options, Cmd: words(command) })
    const gone = container.wait({ condition: 'next-exit' })
    await container.start()
    await gone
    return container
  }

  /** What a container of its own says and ends with. */
  async run(command: string | string[], options: CreateOptions = {}): Promise<Output> {
    const container = await this.ended(command, options)
    const { State } = await container.inspect()
    return { code: State.ExitCode, ...(await this.logs(container)) }
  }

  /** Standard output of a run that must succeed. */
  async says(command: string | string[], options: CreateOptions = {}): Promise<string> {
    const { code, stdout, stderr } = await this.run(command, options)
    if (code !== 0) throw new Error(`${String(command)}: exit ${code}\n${stdout}${stderr}`)
    return stdout.trim()
  }

  async logs(container: Docker.Container): Promise<Omit<Output, 'code'>> {
    const stream = await container.logs({ stdout: true, stderr: true, follow: true })
    return this.demux(stream)
  }

  async exec(
    container: Docker.Container,
    command: string | string[],
    options: Docker.ExecCreateOptions = {},
  ): Promise<Output> {
    const exec = await container.exec({
      Cmd: words(command),
      AttachStdout: true,
      AttachStderr: true,
      ...options,
    })
    const output = await this.demux(await exec.start({ hijack: true }))
    const { ExitCode } = await exec.inspect()
    return { code: ExitCode ?? -1, ...output }
  }

  /** Both outputs of a multiplexed stream, once it ends. */
  async demux(stream: NodeJS.ReadableStream): Promise<Omit<Output, 'code'>> {
    const [out, err] = [new PassThrough(), new PassThrough()]
    this.docker.modem.demuxStream(stream, out, err)
    stream.on('end', () => void (out.end(), err.end()))
    const [stdout, stderr] = await Promise.all([text(out), text(err)])
    return { stdout, stderr }
  }

  /** Resolves once the container has written `wanted`. */
  async awaitLog(container: Docker.Container, wanted: string): Promise<void> {
    const stream = await container.logs({ stdout: true, stderr: true, follow: true })
    let seen = ''
    for await (const chunk of stream) {
      seen += chunk.toString()
      if (seen.includes(wanted)) return
    }
    throw new Error(`the container ended and said only ${JSON.stringify(seen)}`)
  }

  /** All lines of a progress stream; an error line, which the library passes on as one of them, is an error. */
  async progress(stream: NodeJS.ReadableStream): Promise<Progress[]> {
    const lines = await new Promise<Progress[]>((resolve, reject) =>
      this.docker.modem.followProgress(stream, (error: Error | null, all: Progress[]) =>
        error ? reject(error) : resolve(all),
      ),
    )
    const failure = lines.find(({ error }) => error !== undefined)
    if (failure) throw new Error(failure.error)
    return lines
  }

  async network(options: Partial<Docker.NetworkCreateOptions> = {}): Promise<Docker.Network> {
    const network = await this.docker.createNetwork({ Name: unique('net'), ...options })
    this.undo(() => network.remove())
    return network
  }

  async volume(options: Docker.VolumeCreateOptions = {}): Promise<Docker.Volume> {
    const volume = await this.docker.createVolume({ Name: unique('vol'), ...options })
    this.undo(() => volume.remove())
    return volume
  }

  /** Another name for an image, until the test is over. */
  async tag(image: string, repo: string, tag: string): Promise<string> {
    await this.docker.getImage(image).tag({ repo, tag })
    this.undo(() => this.docker.getImage(`${repo}:${tag}`).remove())
    return `${repo}:${tag}`
  }
}

/** A line for a shell, or words. */
export const words = (command: string | string[]): string[] =>
  typeof command === 'string' ? ['sh', '-c', command] : command

let count = 0

/** A name that no other test has. */
export const unique = (prefix: string): string => `${prefix}-${++count}`

/** Status and sentence of a call that must fail. */
export async function refusal(call: Promise<unknown>): Promise<[number, string]> {
  try {
    await call
  } catch (error) {
    const { statusCode, message } = error as { statusCode?: number; message: string }
    if (statusCode === undefined) throw error
    return [statusCode, message.replace(/^\(HTTP code \d+\) [^-]* - /, '').trimEnd()]
  }
  throw new Error('the call was not refused')
}

/** `HostConfig.LogConfig.Type` of an answer. */
export function at(value: unknown, path: string): unknown {
  return path
    .split('.')
    .reduce((inner: unknown, key) => (inner as Record<string, unknown> | null | undefined)?.[key], value)
}
