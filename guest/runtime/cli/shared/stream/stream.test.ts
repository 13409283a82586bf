import { describe, expect, it } from 'vitest'
import { MemorySession } from '../../../testing/cli/memory-session.ts'
import { frame } from '../../../testing/cli/canned-engine.ts'
import { outputStream } from '../../../testing/cli/canned-transport.ts'
import { bridge } from './bridge.ts'

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes)

describe('bridge', () => {
  const options = { tty: true, stdin: true, stdout: true, stderr: true, detachKeys: '' }

  it('joins terminal and container, raw meanwhile', async () => {
    const session = new MemorySession({ argv: [], typed: ['ls\r'], terminal: true })
    const input: Uint8Array[] = []
    const stream = outputStream([new TextEncoder().encode('hello\r\n')], input)
    expect(await bridge(session, { ...options, stream })).toBe('output')
    expect(session.stdout.text).toBe('hello\r\n')
    expect(input.map(text)).toEqual(['ls\r'])
    expect(session.rawChanges).toEqual([true, false])
  })

  it('leaves the container at the detach keys and gives the terminal back', async () => {
    const session = new MemorySession({ argv: [], typed: ['a\x10', '\x11'], terminal: true })
    const input: Uint8Array[] = []
    const silent = { ...outputStream([], input), read: () => new Promise<null>(() => undefined) }
    expect(await bridge(session, { ...options, stream: silent })).toBe('detached')
    expect(input.map(text)).toEqual(['a'])
    expect(session.rawChanges).toEqual([true, false])
  })

  it('shows only the streams asked for', async () => {
    const session = new MemorySession({ argv: [] })
    const stream = outputStream([frame(1, 'out'), frame(2, 'err')])
    await bridge(session, { ...options, tty: false, stdin: false, stdout: false, stream })
    expect([session.stdout.text, session.stderr.text]).toEqual(['', 'err'])
  })

  it('drops the connection when the caller is lost', async () => {
    const session = new MemorySession({ argv: [], terminal: true })
    let fail: (error: Error) => void = () => undefined
    const stream = {
      ...outputStream([]),
      read: () => new Promise<null>((_resolve, reject) => (fail = reject)),
      reset: (reason: string) => fail(new Error(reason)),
    }
    const bridged = bridge(session, { ...options, stdin: false, stream })
    session.controller.abort(new Error('gone'))
    await expect(bridged).rejects.toThrow('the docker client is gone')
  })
})
