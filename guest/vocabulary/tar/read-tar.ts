import { EngineError } from '../../protocol/errors.ts'
import { TarDecoder, type PlacedTarMember, type TarEvent } from './decoder.ts'

export interface StreamedTarMember extends PlacedTarMember {
  /** Must be read before the next member is asked for; what is left unread is skipped. */
  content(): AsyncGenerator<Uint8Array, void>
}

/**
 * The members of an archive as it streams in, whatever the size of its pieces. Whoever sends the archive sends all of it: it is
 * read to its end, also what follows the end marker.
 * @throws TarFormatError
 */
export async function* readTar(archive: AsyncIterable<Uint8Array>): AsyncGenerator<StreamedTarMember> {
  const events = tarEvents(archive)
  try {
    let event = await events.next()
    while (event.done !== true) {
      if (event.value.kind === 'content')
        throw new EngineError('internal', 'a content was read after its member')
      const { member } = event.value
      let ended = false
      const content = async function* (): AsyncGenerator<Uint8Array, void> {
        while (!ended) {
          event = await events.next()
          ended = event.done === true || event.value.kind === 'member'
          if (event.done !== true && event.value.kind === 'content') yield event.value.bytes
        }
      }
      yield { ...member, content }
      for await (const _ of content());
    }
  } finally {
    await events.return(undefined)
  }
}

async function* tarEvents(archive: AsyncIterable<Uint8Array>): AsyncGenerator<TarEvent, void> {
  const decoder = new TarDecoder()
  for await (const chunk of archive) yield* decoder.push(chunk)
  decoder.finish()
}
