import { expect, test } from 'vitest'
import { commandsOf, shownCommands } from './shown-commands.ts'

test.each([
  ['docker ps\n', 'docker ps'],
  ['\n  docker run \\\n    busybox\n\n', '  docker run \\\n    busybox'],
  ['$ echo a\na\n$ echo b\nb', 'echo a\necho b'],
  ['# make one\n$ docker run busybox', 'docker run busybox'],
  ['# a comment\ndocker ps', '# a comment\ndocker ps'],
  ['ls\u00a0-l\r\npwd', 'ls -l\npwd'],
  ['$ docker run \\\n    busybox\nhello', 'docker run \\\n    busybox'],
  ['', ''],
])('the commands of %j are %j', (block, commands) => {
  expect(commandsOf(block)).toBe(commands)
})

test('what stands below a command is what it prints', () => {
  expect(shownCommands('Here:\n$ cat <<E\n> a\n> E\na\n\nb\n$ true\n$ ls\nx')).toEqual([
    { command: 'cat <<E\na\nE', output: 'a\n\nb' },
    { command: 'true', output: undefined },
    { command: 'ls', output: 'x' },
  ])
  expect(shownCommands('ls\npwd')).toEqual([{ command: 'ls\npwd', output: undefined }])
})
