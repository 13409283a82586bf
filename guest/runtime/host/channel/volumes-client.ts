/** The page's shelf of volumes as the engine calls it (guest/protocol/api/volumes.ts), over streams of the channel. */
import type { Channel } from '../../../protocol/wire/byte-stream.ts'
import { EngineError } from '../../../protocol/errors.ts'
import type { Shelf, StoredVolume, VolumesAnswer, VolumesRequest } from '../../../protocol/api/volumes.ts'
import { LineReader } from '../line-reader.ts'
import { sendAll } from '../send-all.ts'

export interface VolumesClient {
  list(): Promise<Shelf>
  /** Replaces what the page keeps of the volume; when that fails, the page still keeps what it had. */
  save(volume: StoredVolume, tar: AsyncIterable<Uint8Array>): Promise<void>
  load(name: string): Promise<AsyncIterable<Uint8Array>>
  /** Removes what the page keeps of the volume; succeeds when it keeps nothing. */
  remove(name: string): Promise<void>
}

const WHO = 'the page’s shelf of volumes'

async function resultOf(reader: LineReader): Promise<unknown> {
  const answer = JSON.parse(await reader.line()) as VolumesAnswer
  if ('error' in answer) throw EngineError.fromJSON(answer.error)
  return answer.result
}

/** @param session the present channel session, or the next one */
export function channelVolumesClient(session: () => Promise<Channel>): VolumesClient {
  const open = async (request: VolumesRequest) => (await session()).open({ service: 'volumes', request })
  const call = async (request: VolumesRequest): Promise<unknown> => {
    const stream = await open(request)
    await stream.end()
    return resultOf(new LineReader(stream, WHO))
  }
  return {
    list: async () => (await call({ call: 'list' })) as Shelf,
    async save(volume, tar) {
      const stream = await open({ call: 'save', volume })
      await sendAll(stream, tar)
      await resultOf(new LineReader(stream, WHO))
    },
    async load(name) {
      const stream = await open({ call: 'load', name })
      await stream.end()
      const reader = new LineReader(stream, WHO)
      await resultOf(reader)
      return reader.bytes()
    },
    remove: async (name) => void (await call({ call: 'remove', name })),
  }
}
