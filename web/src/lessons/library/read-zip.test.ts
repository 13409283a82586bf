import { expect, test } from 'vitest'
import { makeZip, type ZipPart } from '../../../../test/support/make-zip.ts'
import { collectFiles } from '../import/lesson-files.ts'
import { readZip } from './read-zip.ts'

const bytes = (text: string) => new TextEncoder().encode(text)
const read = (parts: ZipPart[]) => collectFiles(readZip(makeZip(parts)))

test('files are read, packed or not; folders, links and what programs leave are passed over', async () => {
  const { files } = await read([
    { path: 'a/', bytes: bytes('') },
    { path: 'a/one.md', bytes: bytes('one '.repeat(1000)) },
    { path: 'a\\two.md', bytes: bytes('two'), stored: true },
    { path: 'a/link', bytes: bytes('/etc/passwd'), unix: 0o120777 },
    { path: '.git/config', bytes: bytes('x') },
    { path: 'node_modules/x/index.json', bytes: bytes('{}') },
  ])
  expect([...files].map(([path, content]) => `${path} ${content.length}`)).toEqual([
    'a/one.md 4000',
    'a/two.md 3',
  ])
})

test.each(['../x', 'a/../../x', '/etc/passwd', 'C:\\x', 'a/\u0000b', 'x/'.repeat(30) + 'y'])(
  'a path that leads out, or is none (%j), refuses the zip',
  async (path) => {
    await expect(read([{ path, bytes: bytes('x') }])).rejects.toMatchObject({ code: 'invalid' })
  },
)

test.each<[string, Partial<ZipPart>, string]>([
  ['encrypted', { flags: 1 }, 'not-supported'],
  ['packed in an unknown way', { method: 12 }, 'corrupt'],
  ['shorter than it claims', { claimed: 9 }, 'corrupt'],
  ['longer than it claims', { claimed: 2 }, 'corrupt'],
  ['claimed to be stored', { method: 0 }, 'corrupt'],
])('a file that is %s is refused', async (_what, part, code) => {
  await expect(read([{ path: 'x', bytes: bytes('hello'), ...part }])).rejects.toMatchObject({ code })
})

test('a bomb is refused before it is unpacked, and a file that is too large is listed', async () => {
  const zeros = new Uint8Array(2 ** 20)
  await expect(read([{ path: 'bomb', bytes: zeros }])).rejects.toMatchObject({ code: 'too-large' })
  const { files, skipped } = await read([{ path: 'film.mp4', bytes: bytes('x'), claimed: 9 * 2 ** 20 }])
  expect([files.size, skipped]).toEqual([
    0,
    [{ file: 'film.mp4', line: undefined, what: `${9 * 2 ** 20} bytes`, reason: 'size' }],
  ])
})

test('too many files, and too many bytes together, are refused', async () => {
  const many = Array.from({ length: 2_001 }, (_, at) => ({ path: `f${at}`, bytes: bytes(''), stored: true }))
  await expect(read(many)).rejects.toMatchObject({ code: 'too-large' })
  async function* large() {
    for (let at = 0; at < 17; at++)
      yield { path: `f${at}`, size: 2 ** 21, read: async () => new Uint8Array(2 ** 21) }
  }
  await expect(collectFiles(large())).rejects.toMatchObject({ code: 'too-large' })
})

test('what is no zip, or cut off anywhere, is refused with our own error', async () => {
  const whole = makeZip([{ path: 'x', bytes: bytes('hello') }])
  await expect(collectFiles(readZip(bytes('no zip')))).rejects.toThrow(
    'this zip cannot be read: it has no directory',
  )
  for (let length = 0; length < whole.length; length++) {
    await expect(collectFiles(readZip(whole.subarray(0, length)))).rejects.toMatchObject({
      name: 'EngineError',
    })
    await expect(collectFiles(readZip(whole.subarray(length + 1)))).rejects.toMatchObject({
      name: 'EngineError',
    })
  }
})
