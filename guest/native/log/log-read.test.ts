/** Claims about `log-read`, which reads a container's log as the shim writes it (log_write.c). */
import { appendFile, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { deferred } from '../../protocol/wire/deferred.ts'
import { LOG_READ } from '../../runtime/plan/log-flags.ts'
import type { HostPlan } from '../../runtime/plan/plan.ts'
import { StdcopyDecoder, stdcopyFrame } from '../../vocabulary/stdcopy.ts'
import { openTestBed, type TestBed } from '../testing/test-bed.ts'

let bed: TestBed
let scratch: string
let path: string
let count = 0
beforeAll(async () => {
  bed = await openTestBed()
  scratch = await mkdtemp(join(tmpdir(), 'porthole-log-'))
}, 300_000)
beforeEach(() => {
  path = join(scratch, String(count++))
})
afterAll(async () => {
  await bed?.close()
  await rm(scratch, { recursive: true, force: true })
})

const BOTH = LOG_READ.stdout | LOG_READ.stderr
const time = (second: number) => `2026-01-02T03:04:0${second}.123456789Z`
const line = (text: string, stream = 'stdout', tag = 'F', second = 5) =>
  `${time(second)} ${stream} ${tag} ${text}\n`

interface Reading {
  flags?: number
  since?: string
  until?: string
  tail?: number
  details?: string
}

function readPlan({ flags = BOTH, since = '', until = '', tail = 0, details = '' }: Reading): HostPlan {
  return { steps: [{ op: 'log-read', path, flags, since, until, tail, details }] }
}

async function read(reading: Reading = {}): Promise<Buffer> {
  const { output } = await bed.client.stream(readPlan(reading))
  const chunks: Uint8Array[] = []
  for await (const chunk of output) chunks.push(chunk)
  return Buffer.concat(chunks)
}
const text = async (reading: Reading = {}) => String(await read(reading))

/** Payloads of the frames by stream, a frame an entry. */
function frames(bytes: Buffer): [string, string][] {
  const found: [string, string][] = []
  for (let at = 0; at < bytes.length;) {
    const length = bytes.readUInt32BE(at + 4)
    const payload = bytes.subarray(at + 8, at + 8 + length)
    found.push([bytes[at] === 1 ? 'stdout' : 'stderr', String(payload)])
    at += 8 + length
  }
  return found
}

describe('a log', () => {
  test('keeps streams apart, spaces whole, and lines that go on without their newline', async () => {
    await writeFile(path, line('a  b') + line('part', 'stderr', 'P') + line('', 'stderr'))
    const expected = [
      stdcopyFrame('stdout', Buffer.from('a  b\n')),
      stdcopyFrame('stderr', Buffer.from('part')),
      stdcopyFrame('stderr', Buffer.from('\n')),
    ]
    expect(await read({ flags: BOTH | LOG_READ.multiplex })).toEqual(Buffer.concat(expected))
    expect(await text()).toBe('a  b\npart\n')
    expect(await text({ flags: LOG_READ.stderr })).toBe('part\n')
  })

  test('that does not exist is empty', async () => {
    expect(await text()).toBe('')
    expect(await text({ flags: BOTH | LOG_READ.follow })).toBe('')
  })

  test('shows times and details before each line', async () => {
    await writeFile(path, line('a') + line('b', 'stderr'))
    const flags = BOTH | LOG_READ.timestamps
    expect(await text({ flags, details: 'x=y ' })).toBe(`${time(5)} x=y a\n${time(5)} x=y b\n`)
  })

  test('is cut by time, both ends belonging to it', async () => {
    await writeFile(path, [1, 2, 3, 4].map((second) => line(String(second), 'stdout', 'F', second)).join(''))
    expect(await text({ since: time(2), until: time(3) })).toBe('2\n3\n')
    await expect(read({ since: 'yesterday' })).rejects.toMatchObject({ details: { errno: 22 } })
  })

  test.each([
    [0, ''],
    [1, 'c\n'],
    [2, 'b\nc\n'],
    [3, 'a\nb\nc\n'],
    [9, 'a\nb\nc\n'],
  ])('gives its last %i lines, over a rotation', async (tail, expected) => {
    await writeFile(`${path}.1`, line('a'))
    await writeFile(path, line('b') + line('c'))
    expect(await text({ flags: BOTH | LOG_READ.tail, tail })).toBe(expected)
  })

  test('is whole, however long it and its lines are', async () => {
    const lines = Array.from({ length: 1000 }, (_, i) => `${i} ${'x'.repeat((i * 137) % 16_384)}`)
    await writeFile(path, lines.map((each, i) => line(each, i % 7 === 0 ? 'stderr' : 'stdout')).join(''))
    expect(await text()).toBe(lines.map((each) => `${each}\n`).join(''))
    const shared = frames(await read({ flags: BOTH | LOG_READ.multiplex | LOG_READ.share }))
    expect(shared.length).toBeLessThan(600)
    expect(shared.map(([, payload]) => payload).join('')).toBe(lines.map((each) => `${each}\n`).join(''))
    const single = frames(await read({ flags: BOTH | LOG_READ.multiplex }))
    expect(single).toEqual(lines.map((each, i) => [i % 7 === 0 ? 'stderr' : 'stdout', `${each}\n`]))
    expect(await text({ flags: BOTH | LOG_READ.tail, tail: 2 })).toBe(`${lines.at(-2)}\n${lines.at(-1)}\n`)
  })

  test('shares a frame among lines of one stream only', async () => {
    await writeFile(path, line('a') + line('b') + line('c', 'stderr') + line('d'))
    expect(frames(await read({ flags: BOTH | LOG_READ.multiplex | LOG_READ.share }))).toEqual([
      ['stdout', 'a\nb\n'],
      ['stderr', 'c\n'],
      ['stdout', 'd\n'],
    ])
  })

  test.each(['garbage', `${time(1)} stdout X x`, `${time(1)} stdxxx F x`, 'x'.repeat(100_000)])(
    'refuses a line that is no record: %s',
    async (wrong) => {
      await writeFile(path, line('good') + wrong + '\n')
      const failure = { details: { op: 'log-read', errno: 74, answer: [...Buffer.from(wrong.slice(0, 80))] } }
      await expect(read()).rejects.toMatchObject(failure)
    },
  )
})

describe('a log that is followed', () => {
  test('is read over growth, a half-written line and rotations, to the end of the process', async () => {
    await writeFile(path, line('1'))
    const exit = deferred<void>()
    const input = { [Symbol.asyncIterator]: () => ({ next: () => exit.promise.then(end) }) }
    const end = () => ({ done: true as const, value: undefined })
    const { output } = await bed.client.stream(readPlan({ flags: BOTH | LOG_READ.follow }), input)
    let seen = ''
    const reading = (async () => {
      for await (const chunk of output) seen += String(Buffer.from(chunk))
    })()
    await expect.poll(() => seen).toBe('1\n')
    await appendFile(path, line('2') + line('3').slice(0, 9))
    await expect.poll(() => seen).toBe('1\n2\n')
    await appendFile(path, line('3').slice(9))
    await rename(path, `${path}.1`)
    await writeFile(path, line('4'))
    await expect.poll(() => seen).toBe('1\n2\n3\n4\n')
    await appendFile(path, line('5'))
    await expect.poll(() => seen).toBe('1\n2\n3\n4\n5\n')
    await appendFile(path, line('6'))
    exit.resolve()
    await reading
    expect(seen).toBe('1\n2\n3\n4\n5\n6\n')
  })

  test('ends with its reader', async () => {
    await writeFile(path, line('1'))
    const never = { [Symbol.asyncIterator]: () => ({ next: () => new Promise<never>(() => undefined) }) }
    const { output } = await bed.client.stream(readPlan({ flags: BOTH | LOG_READ.follow }), never)
    for await (const chunk of output) {
      expect(new StdcopyDecoder().isBetweenFrames && String(Buffer.from(chunk))).toBe('1\n')
      break
    }
    await expect.poll(() => bed.client.ask({ steps: [] })).toEqual([])
  })
})
