/** The content of volumes as tars, by the Engine API alone. */
import { EngineError } from '../../../guest/protocol/errors.ts'
import type { EngineApi } from '../../../guest/vocabulary/engine-client/engine-api.ts'
import { TAR_END } from '../../../guest/vocabulary/tar/write-tar.ts'
import { rebaseTar } from './rebase-tar.ts'
import type { TakenVolume } from './take-plan.ts'

export interface VolumeArchive {
  /** As in TakenVolume. */
  archive: string
  /** A tar of `.`: owners, modes, times, links and attributes. Must be read before the next volume is asked for. */
  content: AsyncIterable<Uint8Array>
}

const target = (index: number): string => `/porthole-volumes/${index}`

/**
 * Yields each volume's content. A container that never runs has all of them, at places where no other mount hides a part of
 * them; who writes to a volume is paused while it is read.
 */
export async function* volumeArchives(
  api: EngineApi,
  volumes: readonly TakenVolume[],
  signal: AbortSignal | undefined,
): AsyncGenerator<VolumeArchive> {
  const { Id } = await api.json('POST', '/containers/create', { json: readerOf(volumes), signal })
  try {
    for (const [index, { archive, writers }] of volumes.entries())
      yield { archive, content: read(api, Id, index, writers, signal) }
  } finally {
    await api.run('DELETE', `/containers/${Id}`, { query: { force: true } })
  }
}

function readerOf(volumes: readonly TakenVolume[]): object {
  const mounts = volumes.map(({ name }, index) => ({
    Type: 'volume',
    Source: name,
    Target: target(index),
    ReadOnly: true,
    VolumeOptions: { NoCopy: true },
  }))
  return {
    Image: volumes[0]!.image.id,
    Cmd: ['true'],
    HostConfig: { NetworkMode: 'none', Mounts: mounts },
  }
}

async function* read(
  api: EngineApi,
  id: string,
  index: number,
  writers: readonly string[],
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  const paused: string[] = []
  try {
    for (const writer of writers) if (await pause(api, writer)) paused.push(writer)
    const { body } = await api.send('GET', `/containers/${id}/archive`, {
      query: { path: target(index) },
      signal,
    })
    yield* rebaseTar(body, '.')
    yield TAR_END
  } finally {
    for (const writer of paused) await api.run('POST', `/containers/${writer}/unpause`)
  }
}

/** Whether it was running, and is paused now. One that has ended since writes no more. */
async function pause(api: EngineApi, id: string): Promise<boolean> {
  try {
    await api.run('POST', `/containers/${id}/pause`)
    return true
  } catch (thrown) {
    const { code } = EngineError.from(thrown)
    if (code === 'conflict' || code === 'not-found') return false
    throw thrown
  }
}
