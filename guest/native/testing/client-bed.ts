/** The thin docker client, built for the host, and the engine's side of its connections. Test code. */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll } from 'vitest'
import type { CliHello } from '../../protocol/api/cli-protocol.ts'
import { CliMessageDecoder, encodeMessage, type CliMessage } from '../../runtime/cli/cli-message.ts'

export const encode = (text: string): Uint8Array => new TextEncoder().encode(text)

/** The engine's side of one connection. */
export class Peer {
  readonly #socket: Socket
  readonly #messages: CliMessage[] = []
  #waiting: ((message: CliMessage | undefined) => void) | undefined
  #ended = false

  constructor(socket: Socket) {
    this.#socket = socket
    const decoder = new CliMessageDecoder()
    socket.on('data', (chunk) => {
      this.#messages.push(...decoder.push(chunk))
      this.#settle()
    })
    socket.on('close', () => {
      this.#ended = true
      this.#settle()
    })
    socket.on('error', () => undefined)
  }

  #settle(): void {
    if (this.#waiting === undefined || (this.#messages.length === 0 && !this.#ended)) return
    this.#waiting(this.#messages.shift())
    this.#waiting = undefined
  }

  /** Undefined when the client is gone. */
  async next(): Promise<{ type: number; bytes: number[] } | undefined> {
    const message = await new Promise<CliMessage | undefined>((resolve) => {
      this.#waiting = resolve
      this.#settle()
    })
    return message && { type: message.type, bytes: [...message.payload] }
  }

  async hello(): Promise<CliHello> {
    return JSON.parse(new TextDecoder().decode(Uint8Array.from((await this.next())!.bytes))) as CliHello
  }

  send(type: number, payload: Uint8Array | string | number): void {
    const bytes =
      typeof payload === 'number'
        ? Uint8Array.of(payload)
        : typeof payload === 'string'
          ? encode(payload)
          : payload
    this.#socket.write(encodeMessage(type, bytes))
  }

  close(): void {
    this.#socket.destroy()
  }
}

/** Registers the hooks that build the client, listen for it, and end what is left. */
export function clientBed() {
  const folder = mkdtempSync(join(tmpdir(), 'porthole-docker-'))
  const client = join(folder, 'docker')
  const socketPath = join(folder, 'cli.sock')
  const children: ChildProcess[] = []
  const waiting: ((peer: Peer) => void)[] = []
  let server: Server

  beforeAll(async () => {
    execFileSync('make', ['-C', join(import.meta.dirname, '..'), `BUILD=${folder}`, client], {
      stdio: 'pipe',
    })
    server = createServer((socket) => waiting.shift()!(new Peer(socket)))
    await new Promise<void>((resolve) => server.listen(socketPath, resolve))
  }, 60_000)

  afterEach(() => {
    for (const child of children.splice(0)) child.kill('SIGKILL')
  })

  afterAll(() => {
    server.close()
    rmSync(folder, { recursive: true })
  })

  /** The next client that connects. */
  const nextPeer = () => new Promise<Peer>((resolve) => waiting.push(resolve))
  const start = (command: string, argv: string[], env: Record<string, string> = {}) => {
    const peer = nextPeer()
    const started = observed(command, argv, { PORTHOLE_CLI_SOCKET: socketPath, ...env })
    children.push(started.child)
    return { ...started, peer }
  }
  const run = (argv: string[], env?: Record<string, string>) => start(client, argv, env)
  return { client, folder, socketPath, children, nextPeer, start, run }
}

function observed(command: string, argv: string[], env: Record<string, string>) {
  const child = spawn(command, argv, { cwd: '/tmp', env: { PATH: '/usr/bin:/bin', ...env } })
  const output = { stdout: '', stderr: '' }
  child.stdout.on('data', (chunk: Buffer) => (output.stdout += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (output.stderr += chunk.toString()))
  const exit = new Promise<{ code: number | null; signal: string | null }>((resolve) => {
    child.on('close', (code, signal) => resolve({ code, signal }))
  })
  return { child, output, exit }
}
