import { describe, expect, it, test } from 'vitest'
import type { JsonProgress } from '../../../../protocol/api/engine-api.ts'
import { uploadProgress } from '../../docker/build/upload-progress.ts'
import { TerminalBoard } from '../../compose/engine/output/terminal-board.ts'
import { displayProgress } from '../../docker/image/progress.ts'
import { MemoryScreen } from '../../../testing/cli/memory-screen.ts'
import { MemorySession } from '../../../testing/cli/memory-session.ts'
import { linesThatFit, RedrawnLines, terminalRows } from './redrawn-lines.ts'

describe('the rows of a line', () => {
  it.each([
    ['', 10, 1],
    ['0123456789', 10, 1],
    ['0123456789a', 10, 2],
    ['\x1b[34m0123456789\x1b[0m', 10, 1],
    ['字字字', 5, 2],
    ['anything', 0, 1],
  ])('%j on %d columns are %d', (line, columns, rows) => {
    expect(terminalRows(line, columns)).toBe(rows)
  })
})

describe('lines that are drawn again', () => {
  const wide = 'a line of 31 columns, about two'

  it.each([
    [80, ['one', 'TWO', 'three']],
    [39, ['one', `${wide} and`, 'three']],
    [20, [wide, 'short', `${wide}${wide}`]],
  ])('on %d columns show what they say last', (columns, last) => {
    const screen = new MemoryScreen(columns, 24)
    const lines = new RedrawnLines(() => ({ columns, rows: 24 }))
    for (const text of ['one', wide, 'three']) screen.write(lines.append(text))
    for (const round of [last.toReversed(), last])
      round.forEach((text, at) => screen.write(lines.replace(at, text)))
    const plain = new MemoryScreen(columns, 24).write(last.map((text) => `${text}\n`).join(''))
    expect(screen.text).toBe(plain.text)
  })

  it('are left alone once they have left the screen', () => {
    const lines = new RedrawnLines(() => ({ columns: 80, rows: 3 }))
    const screen = new MemoryScreen(80, 3)
    for (const text of ['a', 'b', 'c', 'd']) screen.write(lines.append(text))
    screen.write(lines.replace(0, 'A') + lines.replace(3, 'D'))
    expect(screen.text).toBe('a\nb\nc\nD')
  })

  it('of which there are too many are shown as far as the screen goes', () => {
    expect(linesThatFit(['0123456789ab', 'b', 'c', 'd'], { columns: 10, rows: 4 })).toEqual([
      '0123456789ab',
      'b',
    ])
  })
})

const LAYERS = ['aaaaaaaaaaaa', 'bbbbbbbbbbbb', 'cccccccccccc']

async function* pull(): AsyncGenerator<JsonProgress> {
  yield { id: 'latest', status: 'Pulling from library/busybox' }
  for (const id of LAYERS) yield { id, status: 'Pulling fs layer', progressDetail: {} }
  for (const current of [1e5, 2e6, 3.3e6])
    for (const id of LAYERS)
      yield { id, status: 'Downloading', progressDetail: { current, total: 3_333_000 } }
  for (const id of LAYERS) yield { id, status: 'Pull complete', progressDetail: {} }
  yield { status: 'Status: Downloaded newer image' }
}

/** The text on a screen of this many columns after the first `count` messages of the pull. */
async function screenOf(columns: number, count: number): Promise<string> {
  async function* first(): AsyncGenerator<JsonProgress> {
    let sent = 0
    for await (const message of pull()) if (sent++ < count) yield message
  }
  const session = new MemorySession({ argv: [], terminal: true, columns, rows: 24 })
  await displayProgress(session, first(), session.stdout)
  return new MemoryScreen(columns, 24).write(session.stdout.text).text
}

// 100 columns take each line whole, and have no room for a bar either.
test.each([80, 39, 20])('docker pull on %d columns shows one line a layer all the while', async (columns) => {
  for (let count = 1; count <= 2 + 5 * LAYERS.length; count++) {
    const lines = (await screenOf(100, count)).split('\n')
    const plain = new MemoryScreen(columns, 24).write(lines.map((line) => `${line}\n`).join(''))
    expect(await screenOf(columns, count), `after ${count} messages`).toBe(plain.text)
  }
})

test.each([200, 100])('docker pull on %d columns leaves one line a layer', async (columns) => {
  expect((await screenOf(columns, Infinity)).split('\n')).toEqual([
    'latest: Pulling from library/busybox',
    ...LAYERS.map((id) => `${id}: Pull complete`),
    'Status: Downloaded newer image',
  ])
})

test.each([80, 39])('the upload of a build on %d columns is one line', async (columns) => {
  const session = new MemorySession({ argv: [], terminal: true, columns, rows: 24 })
  async function* archive(): AsyncGenerator<Uint8Array> {
    for (let count = 0; count < 4; count++) yield new Uint8Array(600_000)
  }
  const size = () => session.size()
  for await (const _ of uploadProgress(archive(), session.stdout, size));
  const screen = new MemoryScreen(columns, 24).write(session.stdout.text)
  expect(screen.text.replaceAll('\n', '')).toMatch(/^Sending build context to Docker daemon +2\.4MB$/)
})

test.each([80, 39, 20])("compose's board on %d columns is drawn over itself", async (columns) => {
  const session = new MemorySession({ argv: [], terminal: true, columns, rows: 24 })
  const board = new TerminalBoard(
    session.stdout,
    'Running',
    () => session.size(),
    () => 0,
  )
  const ids = ['Container project-service-1', 'Container project-another-service-1']
  for (const statusText of ['Creating', 'Created', 'Starting']) {
    for (const id of ids) board.event({ id, status: 'working', statusText })
    board.draw()
  }
  for (const id of ids) board.event({ id, status: 'done', statusText: 'Started' })
  await board.end()
  const screen = new MemoryScreen(columns, 24).write(session.stdout.text)
  expect(screen.text.match(/\[\+\]/g)).toHaveLength(1)
  expect(screen.text.match(/✔/g)).toHaveLength(2)
  expect(screen.text).not.toContain('Creat')
})
