import { expect, test } from 'vitest'
import { concatBytes } from '../../../guest/vocabulary/concat-bytes.ts'
import { readTar } from '../../../guest/vocabulary/tar/read-tar.ts'
import { packTar, TAR_END, type TarEntry } from '../../../guest/vocabulary/tar/write-tar.ts'
import { rebaseTar } from './rebase-tar.ts'

const text = (content: string) => new TextEncoder().encode(content)

async function rebased(entries: (TarEntry & { content?: Uint8Array })[], to: string) {
  const archive = packTar(entries)
  /** In pieces that end within headers and contents. */
  const pieces = async function* () {
    for (let at = 0; at < archive.length; at += 700) yield archive.subarray(at, at + 700)
  }
  const chunks: Uint8Array[] = []
  for await (const chunk of rebaseTar(pieces(), to)) chunks.push(chunk)
  const whole = async function* () {
    yield concatBytes([...chunks, TAR_END])
  }
  const members: unknown[] = []
  for await (const { content, path, link, type, uid, mode } of readTar(whole())) {
    const parts: Uint8Array[] = []
    for await (const part of content()) parts.push(part)
    members.push([type, path, link, uid, mode.toString(8), new TextDecoder().decode(concatBytes(parts))])
  }
  return members
}

test('a folder’s members stand below another path, with what they are', async () => {
  const entries: (TarEntry & { content?: Uint8Array })[] = [
    { type: 'directory', path: '0/', uid: 5, mode: 0o1775 },
    { path: '0/a', uid: 33, mode: 0o640, content: text('x'.repeat(1000)) },
    { type: 'hardlink', path: '0/deep/b', link: '0/a' },
    { type: 'symlink', path: '0/link', link: '0/a' },
    { path: '0/0/f', content: text('inner') },
  ]
  expect(await rebased(entries, '.')).toEqual([
    ['directory', './', '', 5, '1775', ''],
    ['file', './a', '', 33, '640', 'x'.repeat(1000)],
    ['hardlink', './deep/b', './a', 0, '644', ''],
    ['symlink', './link', '0/a', 0, '777', ''],
    ['file', './0/f', '', 0, '644', 'inner'],
  ])
})

test('a file alone gets another name', async () => {
  const entries = [{ path: 'nginx.conf', content: text('server {}') }]
  expect(await rebased(entries, 'shop/files/web.conf')).toEqual([
    ['file', 'shop/files/web.conf', '', 0, '644', 'server {}'],
  ])
})
