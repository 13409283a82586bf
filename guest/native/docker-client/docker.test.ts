import { execFileSync, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { CLI_MESSAGE } from '../../protocol/api/cli-protocol.ts'
import { CliMessageDecoder, encodeMessage, encodeTarget } from '../../runtime/cli/cli-message.ts'
import { FROM_SHIM, TO_SHIM } from '../../runtime/plan/ops.generated.ts'
import { clientBed, encode } from '../testing/client-bed.ts'

const { client, folder, socketPath, children, nextPeer, start, run } = clientBed()

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

/** What a shim has been sent, message by message, and a way to answer. */
async function fakeShim() {
  const path = join(folder, `shim-${Math.random().toString(36).slice(2)}.sock`)
  const received: { type: number; text: string }[] = []
  const decoder = new CliMessageDecoder()
  const accepted = new Promise<Socket>((resolve) => {
    const listener = createServer((socket) => {
      listener.close()
      socket.on('error', () => undefined)
      socket.on('data', (chunk) => {
        for (const { type, payload } of decoder.push(chunk))
          received.push({ type, text: Buffer.from(payload).toString('latin1') })
      })
      resolve(socket)
    }).listen(path)
  })
  await expect.poll(() => existsSync(path)).toBe(true)
  return { path, received, accepted }
}

const output = (stream: number, text: string) =>
  encodeMessage(FROM_SHIM.output, Buffer.concat([Uint8Array.of(stream), Buffer.from(text)]))
const OUTPUT_END = encodeMessage(FROM_SHIM.outputEnd, new Uint8Array())
const ALL = { stdin: true, stdout: true, stderr: true, closeStdin: true, detachKeys: new Uint8Array() }

describe('a client attached by a shim’s socket', () => {
  it('passes on its output, and its own input to its end', async () => {
    const shim = await fakeShim()
    const { child, peer, exit, output: shown } = run([])
    const engine = await peer
    await engine.hello()
    engine.send(CLI_MESSAGE.attach, encodeTarget({ ...ALL, path: shim.path }))
    const socket = await shim.accepted
    const long = 'x'.repeat(300_000)
    socket.write(Buffer.concat([output(1, 'one '), output(2, 'two'), output(1, long), output(2, '')]))
    child.stdin.end('typed')
    const attached = [{ type: TO_SHIM.attach, text: '\x01' }]
    const typed = [...attached, { type: TO_SHIM.stdin, text: 'typed' }, { type: TO_SHIM.stdinEof, text: '' }]
    await expect.poll(() => shim.received).toEqual(typed)
    await expect.poll(() => shown).toEqual({ stdout: `one ${long}`, stderr: 'two' })
    socket.write(OUTPUT_END)
    expect(await engine.next()).toEqual({ type: CLI_MESSAGE.attachEnded, bytes: [0] })
    engine.send(CLI_MESSAGE.exit, 3)
    expect((await exit).code).toBe(3)
  })

  it('shows only what was asked for, and keeps its input to itself', async () => {
    const shim = await fakeShim()
    const { child, peer, output: shown } = run([])
    const engine = await peer
    await engine.hello()
    const target = { ...ALL, stdin: false, stderr: false, path: shim.path }
    engine.send(CLI_MESSAGE.attach, encodeTarget(target))
    child.stdin.write('typed')
    const socket = await shim.accepted
    socket.write(Buffer.concat([output(2, 'hidden'), output(1, 'shown'), OUTPUT_END]))
    expect(await engine.next()).toEqual({ type: CLI_MESSAGE.attachEnded, bytes: [0] })
    await expect.poll(() => shown).toEqual({ stdout: 'shown', stderr: '' })
    await expect.poll(() => shim.received).toEqual([{ type: TO_SHIM.attach, text: '\0' }])
  })

  it('leaves by the detach keys, and holds back a sequence that is only begun', async () => {
    const shim = await fakeShim()
    const { child, peer } = run([])
    const engine = await peer
    await engine.hello()
    engine.send(
      CLI_MESSAGE.attach,
      encodeTarget({ ...ALL, path: shim.path, detachKeys: Uint8Array.of(16, 17) }),
    )
    await shim.accepted
    const passed = () =>
      shim.received
        .slice(1)
        .map(({ text }) => text)
        .join('')
    child.stdin.write('a\x10')
    await expect.poll(passed).toBe('a')
    child.stdin.write('b\x10\x10c')
    await expect.poll(passed).toBe('a\x10b\x10\x10c')
    child.stdin.write('d\x10\x11never')
    expect(await engine.next()).toEqual({ type: CLI_MESSAGE.attachEnded, bytes: [1] })
    await expect.poll(passed).toBe('a\x10b\x10\x10cd')
  })

  it('tells of a shim that has left, and still obeys the engine while nobody reads its output', async () => {
    const { peer } = run([])
    const engine = await peer
    await engine.hello()
    engine.send(CLI_MESSAGE.attach, encodeTarget({ ...ALL, path: join(folder, 'gone.sock') }))
    expect(await engine.next()).toEqual({ type: CLI_MESSAGE.attachEnded, bytes: [2] })
    const shim = await fakeShim()
    const stuck = spawn(client, [], {
      env: { PORTHOLE_CLI_SOCKET: socketPath },
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    children.push(stuck)
    const second = await nextPeer()
    await second.hello()
    second.send(CLI_MESSAGE.attach, encodeTarget({ ...ALL, path: shim.path }))
    const socket = await shim.accepted
    socket.write(output(1, 'x'.repeat(500_000)))
    stuck.kill('SIGUSR1')
    expect(await second.next()).toEqual({ type: CLI_MESSAGE.signal, bytes: [10] })
    const left = new Promise((resolve) => stuck.once('exit', resolve))
    second.send(CLI_MESSAGE.exit, 4)
    expect(await left).toBe(4)
  })
})

/** A shim that takes several connections, in the order in which they come. */
async function shimOfMany() {
  const path = join(folder, `shims-${Math.random().toString(36).slice(2)}.sock`)
  const accepted: { socket: Socket; received: { type: number; bytes: number[] }[] }[] = []
  const listener = createServer((socket) => {
    const received: { type: number; bytes: number[] }[] = []
    const decoder = new CliMessageDecoder()
    socket.on('error', () => undefined)
    socket.on('data', (chunk) => {
      for (const { type, payload } of decoder.push(chunk)) received.push({ type, bytes: [...payload] })
    })
    accepted.push({ socket, received })
  }).listen(path)
  await expect.poll(() => existsSync(path)).toBe(true)
  const connection = async (index: number) => {
    await expect.poll(() => accepted.length).toBeGreaterThan(index)
    return accepted[index]!
  }
  return { path, connection, close: () => listener.close() }
}

describe('a client whose engine goes away while it is attached', () => {
  const exit = (record: object) => encodeMessage(FROM_SHIM.exit, encode(JSON.stringify(record)))

  async function orphaned() {
    const shim = await shimOfMany()
    const started = run([])
    const engine = await started.peer
    await engine.hello()
    engine.send(CLI_MESSAGE.attach, encodeTarget({ ...ALL, path: shim.path }))
    const attached = await shim.connection(0)
    engine.close()
    const witness = await shim.connection(1)
    shim.close()
    return { ...started, attached, witness }
  }

  it('goes on to the process’s end, and ends with its code', async () => {
    const { child, attached, witness, exit: ended, output: shown } = await orphaned()
    attached.socket.write(output(1, 'still here'))
    await expect.poll(() => shown.stdout).toBe('still here')
    child.stdin.write('typed')
    await expect
      .poll(() => attached.received.at(-1))
      .toEqual({ type: TO_SHIM.stdin, bytes: [...encode('typed')] })
    child.kill('SIGUSR1')
    await expect.poll(() => witness.received).toEqual([{ type: TO_SHIM.signal, bytes: [10, 0, 0, 0] }])
    witness.socket.write(encodeMessage(FROM_SHIM.signalled, new Uint8Array(4)))
    witness.socket.write(exit({ exitCode: 42, signal: 0 }))
    attached.socket.write(Buffer.concat([output(2, 'last'), OUTPUT_END]))
    expect((await ended).code).toBe(42)
    expect(shown).toEqual({ stdout: 'still here', stderr: 'last' })
  })

  it('waits for the exit after the output, and says so when the shim leaves without it', async () => {
    const { attached, witness, exit: ended, output: shown } = await orphaned()
    attached.socket.write(Buffer.concat([output(1, 'all'), OUTPUT_END]))
    await expect.poll(() => shown.stdout).toBe('all')
    witness.socket.end()
    expect((await ended).code).toBe(1)
    expect(shown.stderr).toBe('docker: the engine went away before the command ended\n')
  })
})

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
