/** The page's shelf of volumes as the engine calls it (guest/protocol/api/volumes.ts), over streams of the channel. */
import type { Channel } from '../../../protocol/wire/byte-stream.ts'
import { EngineError } from '../../../protocol/errors.ts'
import type { Shelf, StoredVolume, VolumesRequest } from '../../../protocol/api/volumes.ts'
import { isRecord } from '../../../protocol/wire/is-record.ts'
import { parseError } from '../../../protocol/wire/json.ts'
import { isTextRecord, parseJsonObject } from '../../../vocabulary/json.ts'
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
  const answer = parseJsonObject(await reader.line(), `the answer of ${WHO}`)
  if ('error' in answer) throw parseError(answer.error, `${WHO} sent an error that is none`)
  return answer.result
}

const isTextsOrNull = (value: unknown): value is Record<string, string> | null =>
  value === null || isTextRecord(value)

function isStoredVolume(value: unknown): value is StoredVolume {
  return (
    isRecord(value) &&
    typeof value.name === 'string' &&
    typeof value.createdAt === 'string' &&
    isTextsOrNull(value.labels) &&
    isTextsOrNull(value.options)
  )
}

/** @throws EngineError `corrupt` */
function parseShelf(value: unknown): Shelf {
  const { machine, volumes, newer = [], refusal } = isRecord(value) ? value : {}
  if (
    typeof machine !== 'string' ||
    !(Array.isArray(volumes) && volumes.every(isStoredVolume)) ||
    !(Array.isArray(newer) && newer.every((name) => typeof name === 'string'))
  )
    throw new EngineError('corrupt', `${WHO} sent no list of volumes`)
  return { machine, volumes, newer, ...(typeof refusal === 'string' && { refusal }) }
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
    list: async () => parseShelf(await call({ call: 'list' })),
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
