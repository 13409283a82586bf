/** An archive of one file or folder, with another path in place of its own. */
import { encodeTarEntry } from '../../../guest/vocabulary/tar/write-tar.ts'
import { paddingOf } from '../../../guest/vocabulary/tar/header.ts'
import { readTar } from '../../../guest/vocabulary/tar/read-tar.ts'

/**
 * The members of an archive as the engine answers for a path, in which all stands below the path's last part, without the
 * archive's end.
 * @param to what takes the place of that part, as a byte string
 * @throws TarFormatError
 */
export async function* rebaseTar(archive: AsyncIterable<Uint8Array>, to: string): AsyncGenerator<Uint8Array> {
  let root: string | undefined
  const moved = (path: string): string => {
    if (path === root) return to
    return path.startsWith(`${root}/`) ? `${to}${path.slice(root!.length)}` : path
  }
  for await (const { content, ...member } of readTar(archive)) {
    root ??= member.path.replace(/\/+$/, '')
    const link = member.type === 'hardlink' ? moved(member.link) : member.link
    yield encodeTarEntry({ ...member, path: moved(member.path), link })
    yield* content()
    const padding = paddingOf(member.size)
    if (padding > 0) yield new Uint8Array(padding)
  }
}
