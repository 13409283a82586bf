import { expect, test } from 'vitest'
import type { ShellNews } from '../../state/terminals/terminal-session.svelte.ts'
import { ShellWatch, type ShellScreen } from './shell-watch.ts'

/** A screen of rows; `>` before a row says that it goes on from the row above. The cursor is at the end of the last. */
function watch(): {
  show: (...rows: string[]) => void
  shell: ShellWatch
  told: ShellNews[]
  /** How often the shell was ready for a line. */
  ready: () => number
} {
  let rows: string[] = ['']
  const screen: ShellScreen = {
    get cursor() {
      return { row: rows.length - 1, column: rows.at(-1)!.length }
    },
    row: (at, from = 0, to) => {
      const row = rows[at]
      if (row === undefined) return undefined
      const wrapped = row.startsWith('>')
      return { text: row.replace(/^>/, '').slice(from, to), wrapped }
    },
    mark: () => {
      const row = rows.length - 1
      return { row, forget: () => undefined }
    },
  }
  const told: ShellNews[] = []
  let ready = 0
  const tell = (news: ShellNews): unknown => (news.kind === 'ready' ? (ready += 1) : told.push(news))
  return {
    show: (...next) => (rows = next),
    shell: new ShellWatch(screen, tell),
    told,
    ready: () => ready,
  }
}

test('bash marks where a line begins, that it runs, and how it ended', () => {
  const { show, shell, told } = watch()
  shell.mark('D;0')
  show('guest:~# ')
  shell.mark('B')
  show('guest:~# docker ps', '')
  shell.mark('C')
  expect(told).toEqual([{ kind: 'entered', line: 'docker ps' }])
  show('guest:~# docker ps', 'CONTAINER ID', '')
  shell.mark('D;125')
  expect(told.slice(1)).toEqual([{ kind: 'ended', status: 125 }])
})

test('a line goes on in the rows that it is broken into, and one of several lines keeps them', () => {
  const { show, shell, told } = watch()
  show('# ')
  shell.mark('B')
  show('# echo a long ', '>line', '')
  shell.mark('C')
  shell.mark('D;0')
  show('# ')
  shell.mark('B')
  show('# for i in 1', '> do', 'done', '')
  shell.mark('C')
  expect(told.flatMap((mark) => (mark.kind === 'entered' ? [mark.line] : []))).toEqual([
    'echo a long line',
    'for i in 1 do\ndone',
  ])
})

test('an empty line is no command', () => {
  const { show, shell, told } = watch()
  show('# ')
  shell.mark('B')
  shell.mark('D;0')
  shell.mark('B')
  expect(told).toEqual([])
})

test('a shell without marks waits where its prompt is', () => {
  const { show, shell, told } = watch()
  show('/ # ls')
  shell.typed('\r')
  expect(told).toEqual([{ kind: 'entered', line: 'ls' }])
  show('/ # ls', 'bin dev', '')
  shell.drawn()
  expect(told).toHaveLength(1)
  show('/ # ls', 'bin dev', '/ # ')
  shell.drawn()
  shell.drawn()
  expect(told.slice(1)).toEqual([{ kind: 'ended', status: undefined }])
})

test('several lines that are typed at once are entered one by one, and end as often as a prompt comes', () => {
  const { show, shell, told } = watch()
  show('/ # ')
  shell.typed('ls\rcat /etc/passwd\r')
  expect(told).toEqual([
    { kind: 'entered', line: 'ls' },
    { kind: 'entered', line: 'cat /etc/passwd' },
  ])
  show('/ # ls', 'bin', '/ # ')
  shell.drawn()
  show('/ # ls', 'bin', '/ # cat /etc/passwd', '/ # ')
  shell.drawn()
  shell.drawn()
  expect(told.slice(2)).toEqual([
    { kind: 'ended', status: undefined },
    { kind: 'ended', status: undefined },
  ])
})

test('lines that come as a whole while others run are entered, and keys then are for the program', () => {
  const { show, shell, told } = watch()
  show('/ # ')
  shell.typed('sleep 9\r')
  show('/ # sleep 9', '')
  shell.typed('\r')
  shell.typed('ls\r')
  expect(told).toEqual([
    { kind: 'entered', line: 'sleep 9' },
    { kind: 'entered', line: 'ls' },
  ])
})

test('a prompt that is drawn in pieces ends one line', () => {
  const { show, shell, told } = watch()
  show('/ # ')
  shell.typed('cd /\rls\r')
  show('/ # cd /', 'ls', '/ # ')
  shell.drawn()
  shell.drawn()
  expect(told.slice(2)).toEqual([{ kind: 'ended', status: undefined }])
  show('/ # cd /', 'ls', '/ # bin', '/ # ')
  shell.drawn()
  expect(told).toHaveLength(4)
})

test('a shell that bash runs is watched by its prompt, and what is typed to a program is no command', () => {
  const { show, shell, told } = watch()
  show('# ')
  shell.mark('B')
  show('# docker run -it busybox', '')
  shell.mark('C')
  show('some words')
  shell.typed('\r')
  show('$ exit')
  shell.typed('\r')
  shell.mark('D;0')
  expect(told).toEqual([
    { kind: 'entered', line: 'docker run -it busybox' },
    { kind: 'entered', line: 'exit' },
    { kind: 'ended', status: 0 },
  ])
})

test('what is typed at the prompt of bash is told by bash alone', () => {
  const { show, shell, told } = watch()
  show('# ')
  shell.mark('B')
  show('# true')
  shell.typed('\r')
  expect(told).toEqual([])
})

test.each(['C', 'D', 'D;', 'X;1', '', 'D;999999'])('%j out of order says nothing', (data) => {
  const { shell, told } = watch()
  shell.mark(data)
  expect(told).toEqual([])
})

test('a shell is ready at its prompt, and where it asks for the rest of a command', () => {
  const { show, shell, ready } = watch()
  show('guest:~# ')
  shell.mark('B')
  shell.drawn()
  expect(ready()).toBe(1)
  show('guest:~# for i in 1; do', 'for> ')
  shell.drawn()
  shell.drawn()
  expect(ready()).toBe(2)
  show('guest:~# for i in 1; do', 'for> done', '')
  shell.mark('C')
  shell.drawn()
  expect(ready()).toBe(2)
  show('guest:~# for i in 1; do', 'for> done', '/ # ')
  shell.drawn()
  expect(ready()).toBe(3)
})
