/** Members of an archive of images, few and large, as they stream in. Trees of files are the launcher's business. */
import { EngineError } from '../../../protocol/errors.ts'
import { TarFormatError, type TarFault } from '../../../vocabulary/tar/format-error.ts'
import { readTar, type StreamedTarMember } from '../../../vocabulary/tar/read-tar.ts'

export interface ImageMember extends Pick<StreamedTarMember, 'type' | 'size' | 'link' | 'content'> {
  /** The name is clean and relative, without `..` and a leading slash. */
  name: string
}

/**
 * The sentences of Go's archive/tar, which Docker's load passes on. A member of an unknown kind is named in a sentence
 * of its own.
 */
const SENTENCES: Readonly<Record<Exclude<TarFault, 'member'>, string>> = {
  header: 'archive/tar: invalid tar header',
  truncated: 'unexpected EOF',
  'field-too-long': 'archive/tar: header field too long',
  sparse: 'archive/tar: sparse files are not supported',
}

function inDockersWords(thrown: unknown): unknown {
  if (!(thrown instanceof TarFormatError) || thrown.fault === 'member') return thrown
  return new EngineError('invalid', SENTENCES[thrown.fault], {}, thrown)
}

/** @throws EngineError `invalid` for a name that leads out of the archive */
export function cleanName(name: string): string {
  const parts: string[] = []
  for (const part of name.split('/')) {
    if (part === '..' && parts.pop() === undefined)
      throw new EngineError('invalid', `invalid path in the archive: ${JSON.stringify(name)}`, { name })
    if (part !== '' && part !== '.' && part !== '..') parts.push(part)
  }
  return parts.join('/')
}

async function* contentOf(member: StreamedTarMember): AsyncGenerator<Uint8Array, void> {
  try {
    yield* member.content()
  } catch (thrown) {
    throw inDockersWords(thrown)
  }
}

/**
 * Yields the members.
 * @throws EngineError `invalid` for a file that is no tar archive, or a damaged one
 */
export async function* imageMembers(archive: AsyncIterable<Uint8Array>): AsyncGenerator<ImageMember> {
  try {
    for await (const member of readTar(archive)) {
      const { type, size, link, path } = member
      yield { name: cleanName(path), type, size, link, content: () => contentOf(member) }
    }
  } catch (thrown) {
    throw inDockersWords(thrown)
  }
}
