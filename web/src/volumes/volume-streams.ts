/** Answers the engine's calls of the shelf (guest/protocol/api/volumes.ts) on channel streams. */
import type { ByteStream, StreamHandler } from '../../../guest/protocol/wire/byte-stream.ts'
import { EngineError } from '../../../guest/protocol/errors.ts'
import type { Shelf, VolumesAnswer, VolumesRequest } from '../../../guest/protocol/api/volumes.ts'
import type { KeyValueStore } from '../storage/key-value-store.ts'
import { PrefixedStore } from '../storage/prefixed-store.ts'
import { randomKey } from '../content/runs.ts'
import { ShelfLock } from './shelf-lock.ts'
import { VolumeShelf, type ShelfVersions } from './volume-shelf.ts'

const REFUSAL =
  'another tab of this site keeps the volumes: what is written into them here is gone with this tab'

/** The shelf as one machine sees it. */
export interface Volumes {
  /** Serves the calls of the shelf among the streams that the guest opens; all others go to `next`. */
  streams(next: StreamHandler): StreamHandler
  /** What the machine has saved, for one that goes on from here later. */
  versions(): Promise<ShelfVersions>
  /**
   * Notes that the machine goes on from where it had saved no more than these, before it runs. Resolves with the names of
   * the volumes that it had and whose newer data it gets back.
   */
  goesOn(versions: ShelfVersions): Promise<string[]>
  /** Leaves the shelf to other tabs. */
  close(): void
}

/** @param locks the site's locks, where the browser has them */
export function createVolumes(keyValues: KeyValueStore, locks?: LockManager): Volumes {
  const lock = new ShelfLock(locks)
  const shelf = new VolumeShelf(new PrefixedStore(keyValues, 'volumes/'))
  const service = new VolumesService(shelf, lock)
  return {
    streams: (next) => (open, stream) => {
      if (open.service !== 'volumes') return next(open, stream)
      service
        .serve(open.request, stream)
        .catch((error: unknown) => stream.reset(`the shelf failed: ${EngineError.from(error).message}`))
    },
    versions: () => shelf.versions(),
    goesOn: (versions) => service.goesOn(versions),
    close: () => lock.release(),
  }
}

class VolumesService {
  private readonly shelf: VolumeShelf
  private readonly lock: ShelfLock
  private readonly machine = randomKey()
  /** Volumes of a machine that goes on whose data on the shelf is newer, until it has loaded them. */
  private readonly newer = new Set<string>()

  constructor(shelf: VolumeShelf, lock: ShelfLock) {
    this.shelf = shelf
    this.lock = lock
    // The lock is asked for now, so that the answer is there when the machine runs.
    void lock.claim()
  }

  async goesOn(versions: ShelfVersions): Promise<string[]> {
    for (const name of await this.shelf.newerThan(versions)) this.newer.add(name)
    return [...this.newer].filter((name) => Object.hasOwn(versions, name))
  }

  async serve(request: VolumesRequest, stream: ByteStream): Promise<void> {
    // A broken stream makes the reads and writes below fail.
    stream.closed.catch(() => undefined)
    if (request.call === 'load') return this.load(request.name, stream)
    const answer = await answerOf(() => this.answer(request, stream))
    await send(stream, answer)
    await stream.end()
    // Reads the rest: a caller that is still uploading would wait for credit for ever.
    if ('error' in answer) for await (const _ of bytesOf(stream));
  }

  private async answer(
    request: Exclude<VolumesRequest, { call: 'load' }>,
    stream: ByteStream,
  ): Promise<unknown> {
    switch (request.call) {
      case 'list':
        return this.list()
      case 'save':
        await this.mustKeep()
        if (this.newer.has(request.volume.name))
          throw new EngineError('conflict', `the page has newer data of volume ${request.volume.name}`)
        await this.shelf.save(request.volume, bytesOf(stream))
        return null
      case 'remove':
        await this.mustKeep()
        await this.shelf.remove(request.name)
        this.newer.delete(request.name)
        return null
      default:
        throw new EngineError('invalid', `the shelf has no call ${JSON.stringify(request)}`)
    }
  }

  private async list(): Promise<Shelf> {
    const claim = await this.lock.claim()
    if (claim !== 'refused') await this.shelf.sweep(claim === 'alone')
    const volumes = await this.shelf.list()
    const newer = [...this.newer]
    return { machine: this.machine, volumes, newer, ...(claim === 'refused' && { refusal: REFUSAL }) }
  }

  private async mustKeep(): Promise<void> {
    if ((await this.lock.claim()) === 'refused') throw new EngineError('conflict', REFUSAL)
  }

  private async load(name: string, stream: ByteStream): Promise<void> {
    let found: Awaited<ReturnType<VolumeShelf['load']>>
    try {
      found = await this.shelf.load(name)
    } catch (thrown) {
      await send(stream, { error: EngineError.from(thrown).toJSON() })
      return stream.end()
    }
    await send(stream, { result: { size: found.size } })
    try {
      for await (const bytes of found.bytes) await stream.write(bytes)
    } catch (thrown) {
      // The answer has been sent: only a reset can still say that the bytes are not whole.
      return stream.reset(EngineError.from(thrown).message)
    }
    this.newer.delete(name)
    await stream.end()
  }
}

async function answerOf(work: () => Promise<unknown>): Promise<VolumesAnswer> {
  try {
    return { result: await work() }
  } catch (thrown) {
    return { error: EngineError.from(thrown).toJSON() }
  }
}

function send(stream: ByteStream, answer: VolumesAnswer): Promise<void> {
  return stream.write(new TextEncoder().encode(`${JSON.stringify(answer)}\n`))
}

async function* bytesOf(stream: ByteStream): AsyncGenerator<Uint8Array> {
  for (let chunk = await stream.read(); chunk !== null; chunk = await stream.read()) yield chunk
}
