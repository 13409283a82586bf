import { describe, expect, it } from 'vitest'
import type { ByteStream } from '../../protocol/wire/byte-stream.ts'
import { CLI_MESSAGE, type CliHello } from '../../protocol/api/cli-protocol.ts'
import type { EngineError } from '../../protocol/errors.ts'
import { CliMessageDecoder, encodeMessage } from './cli-message.ts'
import { serveConnection } from './cli-server.ts'
import { CannedTransport, noSocket } from '../testing/cli/canned-transport.ts'
import { memoryCliFiles } from '../testing/cli/memory-cli-files.ts'

const HELLO: CliHello = {
  argv: ['ps', '-q'],
  cwd: '/',
  env: {},
  tty: { stdin: false, stdout: false, stderr: false },
  columns: 0,
  rows: 0,
}

const encode = (text: string): Uint8Array => new TextEncoder().encode(text)
const hello = (change: Partial<CliHello> = {}): Uint8Array =>
  encodeMessage(CLI_MESSAGE.hello, encode(JSON.stringify({ ...HELLO, ...change })))

/** The client's end of a connection, in memory: what it sends, and what it has received so far. */
class Client {
  readonly received: { type: number; text: string; bytes: number[] }[] = []
  resetReason: string | undefined
  readonly #incoming: (Uint8Array | null)[] = []
  #waiting: ((chunk: Uint8Array | null) => void) | undefined
  #awaited: { type: number; resolve: () => void } | undefined
  readonly #decoder = new CliMessageDecoder()

  readonly stream: ByteStream = {
    read: () => {
      const chunk = this.#incoming.shift()
      return chunk === undefined
        ? new Promise((resolve) => (this.#waiting = resolve))
        : Promise.resolve(chunk)
    },
    write: (chunk) => {
      for (const { type, payload } of this.#decoder.push(chunk)) {
        this.received.push({ type, text: new TextDecoder().decode(payload), bytes: [...payload] })
        if (this.#awaited?.type === type) this.#awaited.resolve()
      }
      return Promise.resolve()
    },
    end: () => Promise.resolve(),
    reset: (reason) => {
      this.resetReason ??= reason
      this.send(null)
    },
    closed: new Promise(() => undefined),
  }

  send(chunk: Uint8Array | null): void {
    if (this.#waiting === undefined) this.#incoming.push(chunk)
    else {
      this.#waiting(chunk)
      this.#waiting = undefined
    }
  }

  /** Resolves when a message of the type arrives from now on. */
  next(type: number): Promise<void> {
    return new Promise((resolve) => (this.#awaited = { type, resolve }))
  }

  output(type: number): string {
    return this.received
      .filter((message) => message.type === type)
      .map(({ text }) => text)
      .join('')
  }
}

function serve(client: Client, transport = new CannedTransport(() => 1_714_557_600)) {
  const errors: EngineError[] = []
  const options = {
    transport,
    files: memoryCliFiles(),
    dial: noSocket,
    listen: () => Promise.reject(new Error('not used')),
    onError: (error: EngineError) => void errors.push(error),
  }
  return { errors, transport, done: serveConnection(client.stream, options) }
}

describe('serveConnection', () => {
  it('runs one command and ends with its exit code', async () => {
    const client = new Client()
    client.send(hello())
    await serve(client).done
    expect(client.output(CLI_MESSAGE.stdout)).toBe('4f1caaaaaaaa\n07d3cccccccc\n')
    expect(client.received.at(-1)).toMatchObject({ type: CLI_MESSAGE.exit, bytes: [0] })
  })

  it('takes messages in any pieces', async () => {
    const whole = hello({ argv: ['nonsense'] })
    for (let at = 1; at < whole.length; at += 7) {
      const client = new Client()
      client.send(whole.slice(0, at))
      client.send(whole.slice(at))
      await serve(client).done
      expect(client.received.at(-1)).toMatchObject({ type: CLI_MESSAGE.exit, bytes: [1] })
    }
  })

  it('asks for stdin only when the command reads it', async () => {
    const client = new Client()
    client.send(hello({ argv: ['container', 'prune'] }))
    const wanted = client.next(CLI_MESSAGE.wantStdin)
    const { done, transport } = serve(client)
    await wanted
    client.send(encodeMessage(CLI_MESSAGE.stdin, encode('y\n')))
    await done
    expect(transport.requests.map(({ path }) => path)).toEqual(['/containers/prune'])
    expect(client.output(CLI_MESSAGE.stdout)).toContain('Total reclaimed space: 1.235MB\n')
  })

  it('ends a command at SIGINT with 130', async () => {
    const client = new Client()
    client.send(hello({ argv: ['container', 'prune'] }))
    const wanted = client.next(CLI_MESSAGE.wantStdin)
    const { done } = serve(client)
    await wanted
    client.send(encodeMessage(CLI_MESSAGE.signal, Uint8Array.of(2)))
    client.send(encodeMessage(CLI_MESSAGE.stdin, new Uint8Array(0)))
    await done
    expect(client.received.at(-1)).toMatchObject({ type: CLI_MESSAGE.exit })
  })

  it('gives the size of the terminal to the container and follows it', async () => {
    const client = new Client()
    client.send(
      hello({
        argv: ['run', '-it', 'busybox'],
        tty: { stdin: true, stdout: true, stderr: true },
        columns: 80,
        rows: 24,
      }),
    )
    const { done, transport } = serve(client)
    await done
    expect(
      client.received.filter(({ type }) => type === CLI_MESSAGE.rawTerminal).map(({ bytes }) => bytes),
    ).toEqual([[1], [0]])
    expect(
      transport.requests.filter(({ path }) => path.endsWith('/resize')).map(({ query }) => query),
    ).toEqual([{ h: '24', w: '80' }])
    expect(client.output(CLI_MESSAGE.stdout)).toBe('from a terminal\r\n')
    expect(client.received.at(-1)).toMatchObject({ type: CLI_MESSAGE.exit, bytes: [7] })
  })

  it.each([
    ['no hello first', encodeMessage(CLI_MESSAGE.stdin, encode('x')), 'the first message has type 2'],
    ['a hello that is not JSON', encodeMessage(CLI_MESSAGE.hello, encode('{')), 'not JSON'],
    ['a hello without a directory', encodeMessage(CLI_MESSAGE.hello, encode('{"argv":[]}')), 'cwd'],
    ['a message beyond all measure', Uint8Array.of(1, 255, 255, 255, 255), 'is over'],
  ])('refuses %s', async (_name, bytes, message) => {
    const client = new Client()
    client.send(bytes)
    await expect(serve(client).done).rejects.toThrow(message)
  })

  it('ends the session of a client that sends garbage, and reports it', async () => {
    const client = new Client()
    client.send(hello({ argv: ['container', 'prune'] }))
    const wanted = client.next(CLI_MESSAGE.wantStdin)
    const { done, errors } = serve(client)
    await wanted
    client.send(encodeMessage(99, encode('?')))
    await done
    expect(errors.map(({ message }) => message)).toEqual([
      'the docker client sent an unexpected message (type 99)',
    ])
    expect(client.resetReason).toBe('the docker client sent an unexpected message (type 99)')
  })

  it('gives a command whose client disconnects the end of its stdin', async () => {
    const client = new Client()
    client.send(hello({ argv: ['container', 'prune'] }))
    const wanted = client.next(CLI_MESSAGE.wantStdin)
    const { done, transport } = serve(client)
    await wanted
    client.send(null)
    await done
    expect(transport.requests).toEqual([])
  })
})
