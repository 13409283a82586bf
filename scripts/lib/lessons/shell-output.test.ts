import { expect, test } from 'vitest'
import { endsWithPrompt, plainOutput, ShellOutput } from './shell-output.ts'

const PROMPT = '\x1b]133;D;0\x07\x1b[36mlab\x1b[0m:~$ \x1b]133;B\x07'
const SESSION = `${PROMPT} ls\r\n\x1b]133;C\x07\x1b[01;34mbin\x1b[0m\r\n\x1b]133;D;2\x07lab:~$ \x1b]133;B\x07`

test.each([1, 2, 3, 7, 1000])(
  'what a command printed and how it ended is known, in pieces of %i bytes',
  (size) => {
    const output = new ShellOutput()
    const bytes = new TextEncoder().encode(SESSION)
    for (let at = 0; at < bytes.length; at += size) output.read(bytes.subarray(at, at + size))
    expect(output.text).toBe('bin')
    expect(output.state).toEqual({ kind: 'waits', status: 2 })
  },
)

test('a command runs until the shell has its prompt again', () => {
  const output = new ShellOutput()
  output.read(new TextEncoder().encode(PROMPT))
  expect(output.state).toEqual({ kind: 'waits', status: 0 })
  output.entered()
  output.read(new TextEncoder().encode('top\r\n\x1b]133;C\x07one\r\n\x1b]133;D;0\x07lab'))
  expect(output.state).toEqual({ kind: 'runs' })
})

test('text is what is left on the screen', () => {
  expect(plainOutput('10 %\r50 %\r100 %\r\n\x1b]0;title\x07\x1b[1mdone\x1b[0m  \r\n')).toBe('100 %\ndone')
})

test.each([
  ['/ #', true],
  ['a\n127.0.0.1:6379>', true],
  ['root@0a1b:/#', true],
  ['done', false],
  ['a #\nb', false],
])('%j ends with a prompt: %s', (text, is) => {
  expect(endsWithPrompt(text)).toBe(is)
})
