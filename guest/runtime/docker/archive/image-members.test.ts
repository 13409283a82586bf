import { expect, it } from 'vitest'
import { packTar, type TarEntry } from '../../../vocabulary/tar/write-tar.ts'
import { imageMembers } from './image-members.ts'

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}

async function namesOf(archive: Uint8Array): Promise<string[]> {
  const names: string[] = []
  for await (const { name } of imageMembers(once(archive))) names.push(name)
  return names
}

it('names members as they lie in the archive', async () => {
  const paths = ['./a/', '/b', 'a/../c', 'd//e/./f']
  expect(await namesOf(packTar(paths.map((path) => ({ path }))))).toEqual(['a', 'b', 'c', 'd/e/f'])
})

const archive = (...entries: (TarEntry & { content?: Uint8Array })[]) => packTar(entries)
const big = archive({ path: 'a', content: new Uint8Array(2000) })

it.each<[string, Uint8Array, string]>([
  ['what is no archive', new Uint8Array(600).fill(104), 'archive/tar: invalid tar header'],
  ['a truncated content', big.subarray(0, 1000), 'unexpected EOF'],
  ['a truncated header', big.subarray(0, 100), 'unexpected EOF'],
  ['a name that leads out', archive({ path: 'a/../../b' }), 'invalid path in the archive: "a/../../b"'],
])('refuses %s in Docker’s words', async (_what, bytes, sentence) => {
  await expect(namesOf(bytes)).rejects.toMatchObject({ code: 'invalid', message: sentence })
})

it('says a fault inside a content to whoever reads that', async () => {
  const members = imageMembers(once(big.subarray(0, 1000)))
  const { value } = await members.next()
  const read = async () => {
    for await (const _ of value!.content());
  }
  await expect(read()).rejects.toThrow('unexpected EOF')
})
