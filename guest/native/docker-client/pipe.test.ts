/** Claims about guest/native/docker-client/pipe.c: the client's stdin or stdout joined with a named pipe. */
import { execFileSync, spawn } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { CLI_MESSAGE } from '../../protocol/api/cli-protocol.ts'
import { clientBed, encode } from '../testing/client-bed.ts'

const { client, folder, children, start, run } = clientBed()

/** The payload of `pipeStdin`. */
const intoPipe = (path: string, head = ''): Uint8Array =>
  Buffer.concat([Uint8Array.of(path.length), Buffer.from(path), Buffer.from(head)])
/** The payload of `pipeEnded`. */
const ended = (how: number, bytes: number): number[] => {
  const payload = Buffer.alloc(9)
  payload[0] = how
  payload.writeBigUInt64LE(BigInt(bytes), 1)
  return [...payload]
}
/** A program that has opened a pipe, reads so many bytes of it, and leaves. */
function readerOf(path: string, bytes: number) {
  const reader = spawn('sh', ['-c', `exec 3<>"${path}"; echo; exec head -c ${bytes} <&3`])
  children.push(reader)
  let read = ''
  const opened = new Promise((resolve) => reader.stdout.once('data', resolve))
  reader.stdout.on('data', (chunk: Buffer) => (read += chunk.toString()))
  return { opened, text: () => read.slice(1) }
}
const newPath = (name: string): string => join(folder, `${name}-${Math.random().toString(36).slice(2)}`)

describe('a client joined with a named pipe', () => {
  it('writes what comes by it to stdout', async () => {
    const { peer, exit, output: shown } = run([])
    const engine = await peer
    await engine.hello()
    const path = newPath('pipe')
    engine.send(CLI_MESSAGE.pipeStdout, path)
    expect(await engine.next()).toEqual({ type: CLI_MESSAGE.pipeReady, bytes: [] })
    const long = 'x'.repeat(1_000_000)
    const writer = spawn('sh', ['-c', `cat >"${path}"`])
    writer.stdin.end(long)
    expect(await engine.next()).toEqual({ type: CLI_MESSAGE.pipeEnded, bytes: ended(0, long.length) })
    await expect.poll(() => shown.stdout === long).toBe(true)
    expect(existsSync(path)).toBe(false)
    engine.send(CLI_MESSAGE.exit, 0)
    expect((await exit).code).toBe(0)
  })

  it.each([
    ['a file', '>'],
    ['the end of a file', '>>'],
  ])('writes to %s', async (_, how) => {
    const [path, file] = [newPath('pipe'), newPath('file')]
    const { peer } = start('sh', ['-c', `exec ${client} ${how}"${file}"`])
    const engine = await peer
    await engine.hello()
    engine.send(CLI_MESSAGE.stdout, 'first ')
    engine.send(CLI_MESSAGE.pipeStdout, path)
    await engine.next()
    writeFileSync(path, 'y'.repeat(100_000))
    expect(await engine.next()).toEqual({ type: CLI_MESSAGE.pipeEnded, bytes: ended(0, 100_000) })
    expect(readFileSync(file, 'utf8')).toBe(`first ${'y'.repeat(100_000)}`)
  })

  it('reads stdin once, and puts the rest into a pipe behind it', async () => {
    const { child, peer } = run([])
    const engine = await peer
    await engine.hello()
    child.stdin.write('head')
    engine.send(CLI_MESSAGE.wantStdin, 2)
    expect(await engine.next()).toEqual({ type: CLI_MESSAGE.stdin, bytes: [...encode('head')] })
    const rest = 'z'.repeat(1_000_000)
    child.stdin.end(rest)
    const path = newPath('pipe')
    execFileSync('mkfifo', [path])
    const reader = readerOf(path, 1_000_004)
    await reader.opened
    engine.send(CLI_MESSAGE.pipeStdin, intoPipe(path, 'head'))
    expect(await engine.next()).toEqual({ type: CLI_MESSAGE.pipeEnded, bytes: ended(0, 1_000_004) })
    await expect.poll(() => reader.text() === `head${rest}`).toBe(true)
  })

  it('puts stdin into a file that takes the place of a pipe', async () => {
    const [input, path] = [newPath('file'), newPath('file')]
    writeFileSync(input, 'w'.repeat(300_000))
    writeFileSync(path, '')
    const { peer } = start('sh', ['-c', `exec ${client} <"${input}"`])
    const engine = await peer
    await engine.hello()
    engine.send(CLI_MESSAGE.pipeStdin, intoPipe(path, 'head'))
    expect(await engine.next()).toEqual({ type: CLI_MESSAGE.pipeEnded, bytes: ended(0, 300_004) })
    expect(readFileSync(path, 'utf8')).toBe(`head${'w'.repeat(300_000)}`)
  })

  it('tells of a pipe that it cannot have, and of a reader that has left while it waits for input', async () => {
    const { peer } = run([])
    const engine = await peer
    await engine.hello()
    const missing = join(folder, 'missing/pipe')
    engine.send(CLI_MESSAGE.pipeStdout, missing)
    expect(await engine.next()).toEqual({ type: CLI_MESSAGE.pipeEnded, bytes: ended(1, 0) })
    engine.send(CLI_MESSAGE.pipeStdin, intoPipe(missing))
    expect(await engine.next()).toEqual({ type: CLI_MESSAGE.pipeEnded, bytes: ended(1, 0) })
    const path = newPath('pipe')
    execFileSync('mkfifo', [path])
    await readerOf(path, 4).opened
    engine.send(CLI_MESSAGE.pipeStdin, intoPipe(path, 'head'))
    expect(await engine.next()).toEqual({ type: CLI_MESSAGE.pipeEnded, bytes: ended(1, 4) })
  })

  it('takes the name of its pipe away when the engine has gone', async () => {
    const { peer, exit } = run([])
    const engine = await peer
    await engine.hello()
    const path = newPath('pipe')
    engine.send(CLI_MESSAGE.pipeStdout, path)
    await engine.next()
    expect(existsSync(path)).toBe(true)
    engine.close()
    expect((await exit).code).toBe(1)
    expect(existsSync(path)).toBe(false)
  })

  it('ends by SIGPIPE when nobody reads its output', async () => {
    const { child, peer, exit } = run([])
    const engine = await peer
    await engine.hello()
    const path = newPath('pipe')
    engine.send(CLI_MESSAGE.pipeStdout, path)
    await engine.next()
    child.stdout.destroy()
    await new Promise((resolve) => child.stdout.once('close', resolve))
    writeFileSync(path, 'into the void')
    expect(await exit).toEqual({ code: null, signal: 'SIGPIPE' })
  })
})
