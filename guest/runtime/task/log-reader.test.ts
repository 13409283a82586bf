import { describe, expect, it } from 'vitest'
import { deferred } from '../../protocol/wire/deferred.ts'
import { MemoryFiles } from '../testing/memory-files.ts'
import { collect } from '../testing/collect.ts'
import { LineSplitter } from './log-parser.ts'
import { readLog, type LogQuery } from './log-reader.ts'

const PATH = '/log'
const line = (text: string, stream = 'stdout', tag = 'F') =>
  `2026-01-02T03:04:05.6Z ${stream} ${tag} ${text}\n`
const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes)

async function texts(files: MemoryFiles, query: LogQuery = {}): Promise<string[]> {
  const result: string[] = []
  for await (const { text } of readLog(files, PATH, query)) result.push(decode(text))
  return result
}

describe('a container log', () => {
  it('keeps streams apart, spaces whole, and lines that go on without their newline', async () => {
    const files = new MemoryFiles({ [PATH]: line('a  b') + line('part', 'stderr', 'P') + line('', 'stderr') })
    const records = await collect(readLog(files, PATH, {}))
    expect(records.map(({ stream, text }) => [stream, decode(text)])).toEqual([
      ['stdout', 'a  b\n'],
      ['stderr', 'part'],
      ['stderr', '\n'],
    ])
  })

  it('is the same whichever way its bytes arrive', () => {
    const bytes = new TextEncoder().encode(line('one') + line('二') + line(''))
    const whole = new LineSplitter().next(bytes).map(decode)
    for (let at = 0; at <= bytes.length; at++) {
      const splitter = new LineSplitter()
      const lines = [...splitter.next(bytes.subarray(0, at)), ...splitter.next(bytes.subarray(at))]
      expect(lines.map(decode)).toEqual(whole)
    }
  })

  it.each([
    [0, []],
    [1, ['c\n']],
    [2, ['b\n', 'c\n']],
    [9, ['a\n', 'b\n', 'c\n']],
  ])('gives its last %i lines, over a rotation', async (tail, expected) => {
    const files = new MemoryFiles({ [`${PATH}.1`]: line('a'), [PATH]: line('b') + line('c') })
    expect(await texts(files, { tail })).toEqual(expected)
  })

  it('is followed over growth, a half-written line and a rotation, to the end of the process', async () => {
    const files = new MemoryFiles({ [PATH]: line('1') })
    const exit = deferred<void>()
    const seen: string[] = []
    const reading = (async () => {
      for await (const { text } of readLog(files, PATH, { until: exit.promise })) seen.push(decode(text))
    })()
    await expect.poll(() => seen).toEqual(['1\n'])
    files.put(PATH, line('1') + line('2') + line('3').slice(0, 9), { inode: (await files.stat(PATH)).inode })
    await expect.poll(() => seen).toEqual(['1\n', '2\n'])
    files.put(`${PATH}.1`, line('1') + line('2') + line('3'))
    files.put(PATH, line('4'))
    await expect.poll(() => seen).toEqual(['1\n', '2\n', '3\n', '4\n'])
    exit.resolve()
    await reading
  })

  it('refuses a line that is no record', async () => {
    await expect(texts(new MemoryFiles({ [PATH]: 'garbage\n' }))).rejects.toThrow(
      'the log has a line that is no record',
    )
  })
})
