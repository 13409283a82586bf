import { describe, expect, it } from 'vitest'
import { MemorySession } from '../../../testing/cli/memory-session.ts'
import { frame } from '../../../testing/cli/canned-engine.ts'
import { outputStream } from '../../../testing/cli/canned-transport.ts'
import { bridge } from './bridge.ts'
import { DetachKeyFilter, parseDetachKeys } from './detach-keys.ts'
import { StdcopyDecoder } from './stdcopy.ts'

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes)

describe('StdcopyDecoder', () => {
  it('gives the same streams however the frames are split', () => {
    const whole = Buffer.concat([frame(1, 'one'), frame(2, 'two'), frame(1, ''), frame(1, 'three')])
    for (let at = 0; at <= whole.length; at += 1) {
      const decoder = new StdcopyDecoder()
      const output = { stdout: '', stderr: '' }
      for (const piece of [whole.subarray(0, at), whole.subarray(at)]) {
        for (const { stream, bytes } of decoder.push(piece)) output[stream] += text(bytes)
      }
      expect(output).toEqual({ stdout: 'onethree', stderr: 'two' })
    }
  })

  it('reports an error that the engine sends in the stream, and garbage', () => {
    expect(() => new StdcopyDecoder().push(frame(3, 'no more logs'))).toThrow(
      'error from daemon in stream: no more logs',
    )
    expect(() => new StdcopyDecoder().push(Uint8Array.of(9, 0, 0, 0, 0, 0, 0, 1, 65))).toThrow(
      'unrecognized input header: 9',
    )
  })
})

describe('detach keys', () => {
  const keys = Uint8Array.of(16, 17)
  const push = (...chunks: number[][]) => {
    const filter = new DetachKeyFilter(keys)
    const passed: number[] = []
    for (const chunk of chunks) {
      const { pass, detached } = filter.push(Uint8Array.from(chunk))
      passed.push(...pass)
      if (detached) return { passed, detached }
    }
    return { passed, detached: false }
  }

  it.each<[string, number[][], number[], boolean]>([
    ['the whole sequence at once', [[65, 16, 17, 66]], [65], true],
    ['the sequence in two reads', [[16], [17]], [], true],
    ['a start that turns out to be something else', [[16], [65]], [16, 65], false],
    ['a start, twice', [[16, 16, 17]], [16], true],
    ['other keys', [[65, 66]], [65, 66], false],
  ])('%s', (_name, chunks, passed, detached) => {
    expect(push(...chunks)).toEqual({ passed, detached })
  })

  it('are read from --detach-keys', () => {
    expect([...parseDetachKeys('ctrl-a,x,ctrl-[,ctrl-@')]).toEqual([1, 120, 27, 0])
    expect(() => parseDetachKeys('ctrl-1')).toThrow("Unknown character: 'ctrl-1'")
  })
})

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
