import type {
  CatalogueEntry,
  ImageDeleteItem,
  ImageHistoryItem,
  ImageInspect,
  ImageSummary,
  JsonProgress,
} from '../../../guest/protocol/api/engine-api.ts'
import type { EngineRequest } from '../../../guest/protocol/api/engine-transport.ts'
import { EngineError } from '../../../guest/protocol/errors.ts'
import { imagePath, type EngineCalls } from './engine-calls.ts'

/** Engine API, tag Image: what the page asks of images. */
export class ImageCalls {
  private readonly calls: EngineCalls

  constructor(calls: EngineCalls) {
    this.calls = calls
  }

  list(): Promise<ImageSummary[]> {
    return this.calls.json({ method: 'GET', path: '/images/json', query: { 'shared-size': true } })
  }

  /** The images that can be pulled with the network off. */
  catalogue(): Promise<CatalogueEntry[]> {
    return this.calls.json({ method: 'GET', path: '/porthole/catalogue' })
  }

  inspect(reference: string): Promise<ImageInspect> {
    return this.calls.json({ method: 'GET', path: `/images/${imagePath(reference)}/json` })
  }

  history(reference: string): Promise<ImageHistoryItem[]> {
    return this.calls.json({ method: 'GET', path: `/images/${imagePath(reference)}/history` })
  }

  /** Yields progress; throws EngineError when a line reports an error (the status was 200 by then). */
  async *pull(reference: string, signal?: AbortSignal): AsyncGenerator<JsonProgress> {
    const query = { fromImage: reference }
    yield* this.progress({ method: 'POST', path: '/images/create', query, ...(signal && { signal }) })
  }

  /** Loads a `docker save` or OCI archive; yields what `docker load` prints, throws EngineError like `pull`. */
  async *load(archive: AsyncIterable<Uint8Array>): AsyncGenerator<JsonProgress> {
    const body = { bytes: archive, contentType: 'application/x-tar' }
    yield* this.progress({ method: 'POST', path: '/images/load', body })
  }

  /** The image with its names, in the format of `docker save`. */
  async save(reference: string): Promise<AsyncIterable<Uint8Array>> {
    const { body } = await this.calls.raw({ method: 'GET', path: `/images/${imagePath(reference)}/get` })
    return body
  }

  /**
   * Builds an image from a context with a Dockerfile, as a tar archive; yields and throws like `pull`. Ending `signal`, or not
   * reading on, cancels the build.
   */
  async *build(context: Uint8Array, tag: string, signal: AbortSignal): AsyncGenerator<JsonProgress> {
    const body = { bytes: once(context), contentType: 'application/x-tar' }
    yield* this.progress({ method: 'POST', path: '/build', query: { t: tag, rm: true }, body, signal })
  }

  private async *progress(request: EngineRequest): AsyncGenerator<JsonProgress> {
    for await (const line of this.calls.lines<JsonProgress>(request)) {
      if (line.error !== undefined)
        throw new EngineError('unavailable', line.errorDetail?.message ?? line.error)
      yield line
    }
  }

  remove(reference: string): Promise<ImageDeleteItem[]> {
    return this.calls.json({ method: 'DELETE', path: `/images/${imagePath(reference)}` })
  }
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}
