import { expect, test } from 'vitest'
import { LineQueue } from './line-queue.ts'

function queue(): { lines: LineQueue; sent: string[] } {
  const sent: string[] = []
  return { lines: new LineQueue((input) => sent.push(input)), sent }
}

test('the first line is typed at once, each other when the shell asks for it', () => {
  const { lines, sent } = queue()
  lines.enter('cd /\nls\npwd', true)
  expect(sent).toEqual(['cd /\r'])
  lines.ready()
  lines.ready()
  lines.ready()
  expect(sent).toEqual(['cd /\r', 'ls\r', 'pwd\r'])
})

test('lines for a shell that is not there yet wait for its prompt, and for those before them', () => {
  const { lines, sent } = queue()
  lines.enter('ls', false)
  lines.enter('pwd', true)
  expect(sent).toEqual([])
  lines.ready()
  expect(sent).toEqual(['ls\r'])
})

test('what a person types comes after all lines that wait', () => {
  const { lines, sent } = queue()
  lines.enter('cat\none\ntwo', true)
  lines.interrupted('\x1b[0n')
  lines.interrupted(new Uint8Array([27]))
  expect(sent).toEqual(['cat\r'])
  lines.interrupted('x')
  expect(sent).toEqual(['cat\r', 'one\r', 'two\r'])
})

test('an interrupt drops the lines that wait', () => {
  const { lines, sent } = queue()
  lines.enter('sleep 1000\nls', true)
  lines.interrupted('\x03')
  lines.ready()
  expect(sent).toEqual(['sleep 1000\r'])
})
