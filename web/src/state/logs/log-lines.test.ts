import { describe, expect, test } from 'vitest'
import { LogLines, MAX_LOG_LINES, plainText } from './log-lines.ts'

const bytes = (text: string) => new TextEncoder().encode(text)

describe('escape sequences have no power in a log', () => {
  test.each([
    ['\x1b[31mred\x1b[0m', 'red'],
    ['\x1b]0;title\x07text', 'text'],
    ['\x1b]8;;https://evil\x1b\\link\x1b]8;;\x1b\\', 'link'],
    ['\x1b]52;c;aGk=\x07', ''],
    ['\x1bPq#0\x1b\\after', 'after'],
    ['\x1b(B\x1b=plain', 'plain'],
    ['10%\r50%\r100%', '100%'],
    ['windows line\r', 'windows line'],
    ['bell\x07 and \x9b31m C1', 'bell and 31m C1'],
    ['tab\tstays', 'tab\tstays'],
    ['unfinished \x1b]0;ti', 'unfinished '],
  ])('%j reads %j', (line, text) => {
    expect(plainText(line)).toBe(text)
  })
})

describe('lines', () => {
  test('stdout and stderr are put together apart, characters across chunks too', () => {
    const log = new LogLines()
    const image = bytes('镜像\n')
    log.push({ stream: 'stdout', bytes: image.slice(0, 2) })
    log.push({ stream: 'stderr', bytes: bytes('oops\n') })
    log.push({ stream: 'stdout', bytes: image.slice(2) })
    expect(log.lines.map(({ stream, text }) => [stream, text])).toEqual([
      ['stderr', 'oops'],
      ['stdout', '镜像'],
    ])
  })

  test('the last line may lack its line feed', () => {
    const log = new LogLines()
    log.push({ stream: 'stdout', bytes: bytes('a\nb') })
    expect(log.lines).toHaveLength(1)
    log.finish()
    expect(log.lines.map(({ text }) => text)).toEqual(['a', 'b'])
  })

  test('the last character may lack a byte', () => {
    const log = new LogLines()
    log.push({ stream: 'stderr', bytes: bytes('é').slice(0, 1) })
    log.finish()
    log.finish()
    expect(log.lines.map(({ text }) => text)).toEqual(['\ufffd'])
  })

  test('old lines go, numbers stay', () => {
    const log = new LogLines()
    log.push({ stream: 'stdout', bytes: bytes('x\n'.repeat(MAX_LOG_LINES + 5)) })
    expect(log.lines).toHaveLength(MAX_LOG_LINES)
    expect(log.lines[0]!.number).toBe(5)
  })
})
