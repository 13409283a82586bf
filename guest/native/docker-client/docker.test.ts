import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { CLI_MESSAGE, type CliHello } from '../../protocol/api/cli-protocol.ts'
import { CliMessageDecoder, encodeMessage, type CliMessage } from '../../runtime/cli/cli-message.ts'

const folder = mkdtempSync(join(tmpdir(), 'porthole-docker-'))
const client = join(folder, 'docker')
const socketPath = join(folder, 'cli.sock')
const encode = (text: string): Uint8Array => new TextEncoder().encode(text)

/** The engine's side of one connection. */
class Peer {
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

let server: Server
const children: ChildProcess[] = []
const waiting: ((peer: Peer) => void)[] = []

beforeAll(async () => {
  execFileSync('make', ['-C', join(import.meta.dirname, '..'), `BUILD=${folder}`, client], { stdio: 'pipe' })
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

function start(command: string, argv: string[], env: Record<string, string> = {}) {
  const peer = new Promise<Peer>((resolve) => waiting.push(resolve))
  const child = spawn(command, argv, {
    cwd: '/tmp',
    env: { PATH: '/usr/bin:/bin', PORTHOLE_CLI_SOCKET: socketPath, ...env },
  })
  children.push(child)
  const output = { stdout: '', stderr: '' }
  child.stdout.on('data', (chunk: Buffer) => (output.stdout += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (output.stderr += chunk.toString()))
  const exit = new Promise<{ code: number | null; signal: string | null }>((resolve) => {
    child.on('close', (code, signal) => resolve({ code, signal }))
  })
  return { child, peer, output, exit }
}

const run = (argv: string[], env?: Record<string, string>) => start(client, argv, env)

function lineMatching(
  { child, output }: Pick<ReturnType<typeof start>, 'child' | 'output'>,
  pattern: RegExp,
): Promise<string> {
  return new Promise((resolve) => {
    const look = (): void => {
      const match = pattern.exec(output.stdout)
      if (match !== null) resolve(match[0])
    }
    child.stdout.on('data', look)
    look()
  })
}

/** Runs the client in a terminal of its own, whose path is the first line of the output. */
async function runInTerminal(argv: string) {
  const started = start('script', ['-qec', `stty cols 90 rows 20; tty; exec ${client} ${argv}`, '/dev/null'])
  const peer = await started.peer
  const hello = await peer.hello()
  const terminal = await lineMatching(started, /\/dev\/pts\/\d+/)
  const mode = (): string => execFileSync('stty', ['-F', terminal, '-a']).toString()
  return { ...started, peer, hello, terminal, mode }
}

describe('docker.c', () => {
  it('says who calls it, from where and with what, as JSON', async () => {
    const argv = ['run', '-e', 'A="q"\\', 'line\nbreak\x01', '容器', '']
    const { peer, exit } = run(argv, { HOME: '/root', ODD: 'a=b"c' })
    const connected = await peer
    const hello = await connected.hello()
    expect(hello.argv).toEqual(argv)
    expect(hello.cwd).toBe('/tmp')
    expect(hello.env).toMatchObject({ HOME: '/root', ODD: 'a=b"c' })
    expect(hello.tty).toEqual({ stdin: false, stdout: false, stderr: false })
    connected.send(CLI_MESSAGE.exit, 42)
    expect(await exit).toEqual({ code: 42, signal: null })
  })

  it('writes what it is sent, in order, to the right stream', async () => {
    const { peer, exit, output } = run([])
    const connected = await peer
    await connected.hello()
    const big = 'x'.repeat(300_000)
    connected.send(CLI_MESSAGE.stdout, big)
    connected.send(CLI_MESSAGE.stderr, 'err')
    connected.send(CLI_MESSAGE.stdout, '')
    connected.send(CLI_MESSAGE.stdout, 'end')
    connected.send(CLI_MESSAGE.exit, 0)
    await exit
    expect(output.stdout === `${big}end`).toBe(true)
    expect(output.stderr).toBe('err')
  })

  it('leaves stdin alone until it is wanted, then passes it on to its end', async () => {
    const { child, peer, exit } = run([])
    child.stdin.write('before')
    const connected = await peer
    await connected.hello()
    connected.send(CLI_MESSAGE.wantStdin, 1)
    expect((await connected.next())!.bytes).toEqual([...encode('before')])
    child.stdin.end('x'.repeat(50_000))
    let length = 0
    for (;;) {
      const { type, bytes } = (await connected.next())!
      expect(type).toBe(CLI_MESSAGE.stdin)
      if (bytes.length === 0) break
      length += bytes.length
    }
    expect(length).toBe(50_000)
    connected.send(CLI_MESSAGE.exit, 0)
    expect((await exit).code).toBe(0)
  })

  it('passes signals on, and ends at the third Ctrl-C', async () => {
    const { child, peer, exit, output } = run([])
    const connected = await peer
    await connected.hello()
    for (const [name, number] of [
      ['SIGTERM', 15],
      ['SIGHUP', 1],
      ['SIGUSR1', 10],
      ['SIGINT', 2],
    ] as const) {
      child.kill(name)
      expect(await connected.next()).toEqual({ type: CLI_MESSAGE.signal, bytes: [number] })
    }
    child.kill('SIGINT')
    expect((await exit).code).toBe(1)
    expect(output.stderr).toBe('\ngot 3 SIGTERM/SIGINTs, forcefully exiting\n')
  })

  it('ends by SIGPIPE when nobody reads its output', async () => {
    const { child, peer, exit } = run([])
    const connected = await peer
    await connected.hello()
    child.stdout.destroy()
    await new Promise((resolve) => child.stdout.once('close', resolve))
    connected.send(CLI_MESSAGE.stdout, 'into the void')
    expect(await exit).toEqual({ code: null, signal: 'SIGPIPE' })
  })

  it('names the engine when it is not there, and when it goes away', async () => {
    const missing = execClient({ PORTHOLE_CLI_SOCKET: join(folder, 'missing.sock') })
    expect(await missing).toEqual({
      code: 1,
      stderr:
        'Cannot connect to the Docker daemon at unix:///run/docker.sock. Is the docker daemon running?\n',
    })
    const { peer, exit, output } = run([])
    const connected = await peer
    await connected.hello()
    connected.close()
    expect((await exit).code).toBe(1)
    expect(output.stderr).toBe('docker: the engine went away before the command ended\n')
  })
})

function execClient(env: Record<string, string>): Promise<{ code: number | null; stderr: string }> {
  return new Promise((resolve) => {
    const child = spawn(client, [], { env })
    let stderr = ''
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
    child.on('close', (code) => resolve({ code, stderr }))
  })
}

describe('docker.c in a terminal', () => {
  it('tells its size, raw mode on and off, and a change of the size', async () => {
    const started = await runInTerminal('run -it x')
    const { hello, peer, terminal, mode, exit, child } = started
    expect(hello).toMatchObject({ tty: { stdin: true, stdout: true, stderr: true }, columns: 90, rows: 20 })
    peer.send(CLI_MESSAGE.rawTerminal, 1)
    peer.send(CLI_MESSAGE.wantStdin, 1)
    peer.send(CLI_MESSAGE.stdout, 'raw now')
    await lineMatching(started, /raw now/)
    child.stdin.write('\x03')
    expect(await peer.next()).toEqual({ type: CLI_MESSAGE.stdin, bytes: [3] })
    expect(mode()).toMatch(/-icanon/)
    execFileSync('stty', ['-F', terminal, 'cols', '300'])
    expect(await peer.next()).toEqual({ type: CLI_MESSAGE.resize, bytes: [44, 1, 20, 0] })
    peer.send(CLI_MESSAGE.rawTerminal, 0)
    peer.send(CLI_MESSAGE.exit, 5)
    expect((await exit).code).toBe(5)
  })

  it('turns Ctrl-C into a signal while the terminal is not raw', async () => {
    const { peer, child, exit } = await runInTerminal('logs -f x')
    child.stdin.write('\x03')
    expect(await peer.next()).toEqual({ type: CLI_MESSAGE.signal, bytes: [2] })
    peer.send(CLI_MESSAGE.exit, 130)
    expect((await exit).code).toBe(130)
  })

  it('puts the terminal back when the engine goes away', async () => {
    const shell = `${client} run -it x; stty -a`
    const started = start('script', ['-qec', shell, '/dev/null'])
    const peer = await started.peer
    await peer.hello()
    peer.send(CLI_MESSAGE.rawTerminal, 1)
    peer.send(CLI_MESSAGE.wantStdin, 1)
    started.child.stdin.write('x')
    await peer.next()
    peer.close()
    await started.exit
    expect(started.output.stdout).toMatch(/[^-]icanon/)
  })
})
