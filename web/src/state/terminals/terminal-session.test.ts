// @vitest-environment ./test/support/client-environment.ts
import type { Duplex } from 'node:stream'
import { expect, test } from 'vitest'
import { httpOverStreams } from '../../../../test/support/http-over-streams.ts'
import { EngineClient } from '../../client/engine-client.ts'
import { HttpTransport } from '../../client/http-transport.ts'
import { TerminalSession, type TerminalTarget } from './terminal-session.svelte.ts'

const SWITCH = 'HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n'

/** An engine with one exec: `run` is its process, at the far end of the terminal. */
function engineWithExec(run: (terminal: Duplex) => void) {
  const asked: string[] = []
  const { server, open } = httpOverStreams((request, response) => {
    asked.push(`${request.method} ${request.url}`)
    if (request.url!.endsWith('/exec')) response.writeHead(201).end('{"Id":"e1"}')
    else if (request.url!.endsWith('/json')) response.end('{"ExitCode":3}')
    else response.end()
  })
  server.on('upgrade', (_request, socket) => {
    socket.write(SWITCH)
    run(socket)
  })
  const client = new EngineClient(new HttpTransport(open))
  return {
    asked,
    client,
    server,
    session: (target: TerminalTarget) => new TerminalSession(1, client, target),
  }
}

function screen() {
  const seen = { text: '' }
  return {
    seen,
    rows: 24,
    columns: 80,
    get used() {
      return seen.text.split('\n').length
    },
    text: () => seen.text,
    write: async (chunk: Uint8Array) => void (seen.text += new TextDecoder().decode(chunk)),
  }
}

test('a shell of the guest runs from start to exit code', async () => {
  const { asked, session } = engineWithExec((terminal) => terminal.end('bye\r\n'))
  const terminal = session({ kind: 'guest' })
  const drawn = screen()
  await terminal.run(drawn)
  expect(drawn.seen.text).toBe('bye\r\n')
  expect(terminal).toMatchObject({ status: 'exited', exitCode: 3, used: 2 })
  expect(terminal.text()).toBe('bye\r\n')
  expect(asked).toEqual(['POST /porthole/exec', 'GET /exec/e1/json'])
})

test('a terminal that is opened before the engine listens waits for it', async () => {
  const { asked, client } = engineWithExec((terminal) => terminal.end())
  let listen!: () => void
  const connected = new Promise<void>((resolve) => (listen = resolve))
  const terminal = new TerminalSession(1, client, { kind: 'guest' }, () => connected)
  const over = terminal.run(screen())
  expect(asked).toEqual([])
  listen()
  await over
  expect(terminal.status).toBe('exited')
})

test.each<[string, (terminal: TerminalSession, far: Duplex) => void]>([
  ['its first output', (_terminal, far) => far.write('$ ')],
  ['an end without output', (_terminal, far) => far.end()],
  ['a broken connection', (_terminal, far) => far.destroy()],
  ['its closing', (terminal) => terminal.close()],
])('a terminal has answered at %s', async (_what, act) => {
  let begun!: (far: Duplex) => void
  const far = new Promise<Duplex>((resolve) => (begun = resolve))
  const terminal = engineWithExec(begun).session({ kind: 'guest' })
  void terminal.run(screen())
  act(terminal, await far)
  await terminal.answered
})

test('a terminal that is closed before the engine listens gets no process', async () => {
  const { asked, client } = engineWithExec((terminal) => terminal.end())
  const terminal = new TerminalSession(1, client, { kind: 'guest' }, () => new Promise(() => undefined))
  const over = terminal.run(screen())
  terminal.close()
  await over
  expect(asked).toEqual([])
  expect(terminal).toMatchObject({ status: 'exited', error: undefined })
})

test('a terminal that is closed while its process is made starts none', async () => {
  const { asked, client, server } = engineWithExec((process) => process.end())
  const terminal = new TerminalSession(1, client, { kind: 'guest' })
  server.prependListener('request', () => terminal.close())
  await terminal.run(screen())
  expect(asked).toEqual(['POST /porthole/exec'])
  expect(terminal.status).toBe('exited')
})

test('a terminal that is closed while it connects leaves no shell behind', async () => {
  let hangUp!: () => void
  const hungUp = new Promise<void>((resolve) => (hangUp = resolve))
  const { client } = engineWithExec((process) => {
    process.on('close', hangUp)
    process.on('error', () => undefined)
    process.resume()
    terminal.close()
  })
  const terminal = new TerminalSession(1, client, { kind: 'guest' })
  await terminal.run(screen())
  await hungUp
  expect(terminal).toMatchObject({ status: 'exited', error: undefined })
})

test('a terminal in a container is an exec of the container', async () => {
  const { asked, session } = engineWithExec((terminal) => terminal.end())
  await session({ kind: 'container', id: 'c1', name: 'web' }).run(screen())
  expect(asked[0]).toBe('POST /containers/c1/exec')
})

test('what is typed before the shell is there reaches it first', async () => {
  const { session } = engineWithExec((terminal) => {
    let text = ''
    terminal.on('data', (chunk: Buffer) => {
      text += chunk.toString()
      if (text === 'first second') terminal.end(`got ${text}`)
    })
  })
  const terminal = session({ kind: 'guest' })
  const drawn = screen()
  const over = terminal.run(drawn)
  terminal.send('first ')
  terminal.send('second')
  await over
  expect(drawn.seen.text).toBe('got first second')
})

test('a slow screen holds the stream back: one chunk is drawn before the next is read', async () => {
  const { session } = engineWithExec((terminal) => terminal.end('x'.repeat(300_000)))
  let drawing = 0
  let mostAtOnce = 0
  let drawn = 0
  await session({ kind: 'guest' }).run({
    rows: 24,
    columns: 80,
    used: 0,
    text: () => '',
    write: async (chunk) => {
      mostAtOnce = Math.max(mostAtOnce, ++drawing)
      await new Promise((resolve) => setImmediate(resolve))
      drawing -= 1
      drawn += chunk.length
    },
  })
  expect([mostAtOnce, drawn]).toEqual([1, 300_000])
})

test('a broken connection is told apart from an exit', async () => {
  const { session } = engineWithExec((terminal) => terminal.destroy(new Error('engine killed')))
  const terminal = session({ kind: 'guest' })
  await terminal.run(screen())
  expect(terminal).toMatchObject({ status: 'lost', error: { code: 'unavailable' } })
})

test('an exec that cannot be made is told with the reason', async () => {
  const { open } = httpOverStreams(
    (_request, response) => void response.writeHead(409).end('{"message":"container c1 is not running"}'),
  )
  const terminal = new TerminalSession(1, new EngineClient(new HttpTransport(open)), {
    kind: 'container',
    id: 'c1',
    name: 'c',
  })
  await terminal.run(screen())
  expect(terminal).toMatchObject({ status: 'failed', error: { message: 'container c1 is not running' } })
})

test('the same size is told once', async () => {
  let process: Duplex | undefined
  const { asked, session } = engineWithExec((terminal) => {
    process = terminal
    terminal.write('ready')
  })
  const terminal = session({ kind: 'guest' })
  let ready!: () => void
  const drawn = new Promise<void>((resolve) => (ready = resolve))
  const over = terminal.run({ ...screen(), write: async () => ready() })
  await drawn
  await terminal.resize(24, 80)
  await terminal.resize(40, 100)
  await terminal.resize(40, 100)
  process!.end()
  await over
  expect(asked.filter((line) => line.includes('resize'))).toEqual(['POST /exec/e1/resize?h=40&w=100'])
})

test('the line that a shell runs is known, and how many there were', () => {
  const terminal = new TerminalSession(1, engineWithExec(() => undefined).client, { kind: 'guest' })
  expect(terminal.shell).toBe(undefined)
  terminal.shellTold({ kind: 'entered', line: 'docker ps' })
  expect(terminal.shell).toEqual({ line: 'docker ps', running: true, count: 1 })
  terminal.shellTold({ kind: 'ended', status: 0 })
  terminal.shellTold({ kind: 'entered', line: 'ls' })
  expect(terminal.shell).toEqual({ line: 'ls', running: true, count: 2 })
})

test('after an interrupt the first line waits for the prompt that follows it', async () => {
  let heard = ''
  let process!: Duplex
  const { session } = engineWithExec((terminal) => {
    process = terminal
    terminal.on('data', (chunk: Buffer) => (heard += chunk.toString())).write('# ')
  })
  const terminal = session({ kind: 'guest' })
  const over = terminal.run(screen())
  await terminal.answered
  terminal.interruptAndEnter('exit')
  terminal.send('\x1b[1;3R')
  await expect.poll(() => heard).toBe('\x03\x1b[1;3R')
  terminal.shellTold({ kind: 'ready' })
  await expect.poll(() => heard).toBe('\x03\x1b[1;3Rexit\r')
  process.end()
  await over
})

test('lines are entered one by one, as the shell is ready for them', async () => {
  let heard = ''
  let process!: Duplex
  const { session } = engineWithExec((terminal) => {
    process = terminal
    terminal.on('data', (chunk: Buffer) => (heard += chunk.toString())).write('# ')
  })
  const terminal = session({ kind: 'guest' })
  terminal.enter('cd /\nls')
  const over = terminal.run(screen())
  await terminal.answered
  terminal.shellTold({ kind: 'ready' })
  await expect.poll(() => heard).toBe('cd /\r')
  terminal.shellTold({ kind: 'ready' })
  await expect.poll(() => heard).toBe('cd /\rls\r')
  process.end()
  await over
})
