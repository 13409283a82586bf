import type {
  CatalogueEntry,
  ImageDeleteItem,
  ImageHistoryItem,
  ImageInspect,
  ImageSummary,
  JsonProgress,
} from '../../../guest/protocol/api/engine-api.ts'
import { EngineError } from '../../../guest/protocol/errors.ts'
import type { EngineApi } from '../../../guest/vocabulary/engine-client/engine-api.ts'

/** Escapes a path segment, except slashes and colons of image names, which Docker's routes take literally. */
function imagePath(reference: string): string {
  return reference.split('/').map(encodeURIComponent).join('/').replaceAll('%3A', ':').replaceAll('%40', '@')
}

/** Engine API, tag Image: what the page asks of images. */
export class ImageCalls {
  private readonly api: EngineApi

  constructor(api: EngineApi) {
    this.api = api
  }

  list(): Promise<ImageSummary[]> {
    return this.api.json('GET', '/images/json', { query: { 'shared-size': true } })
  }

  /** The images that can be pulled with the network off. */
  catalogue(): Promise<CatalogueEntry[]> {
    return this.api.json('GET', '/porthole/catalogue')
  }

  inspect(reference: string): Promise<ImageInspect> {
    return this.api.json('GET', `/images/${imagePath(reference)}/json`)
  }

  history(reference: string): Promise<ImageHistoryItem[]> {
    return this.api.json('GET', `/images/${imagePath(reference)}/history`)
  }

  /** Yields progress; throws EngineError when a line reports an error (the status was 200 by then). */
  async *pull(reference: string, signal?: AbortSignal): AsyncGenerator<JsonProgress> {
    yield* untilError(this.api.values('POST', '/images/create', { query: { fromImage: reference }, signal }))
  }

  /** Loads a `docker save` or OCI archive; yields what `docker load` prints, throws EngineError like `pull`. */
  async *load(archive: AsyncIterable<Uint8Array>): AsyncGenerator<JsonProgress> {
    yield* untilError(this.api.values('POST', '/images/load', { bytes: archive }))
  }

  /** The image with its names, in the format of `docker save`. */
  async save(reference: string): Promise<AsyncIterable<Uint8Array>> {
    const { body } = await this.api.send('GET', `/images/${imagePath(reference)}/get`)
    return body
  }

  /**
   * Builds an image from a context with a Dockerfile, as a tar archive; yields and throws like `pull`. Ending `signal`, or not
   * reading on, cancels the build.
   */
  async *build(context: Uint8Array, tag: string, signal: AbortSignal): AsyncGenerator<JsonProgress> {
    const query = { t: tag, rm: true }
    yield* untilError(this.api.values('POST', '/build', { query, bytes: once(context), signal }))
  }

  remove(reference: string): Promise<ImageDeleteItem[]> {
    return this.api.json('DELETE', `/images/${imagePath(reference)}`)
  }
}

async function* untilError(lines: AsyncIterable<JsonProgress>): AsyncGenerator<JsonProgress> {
  for await (const line of lines) {
    if (line.error !== undefined)
      throw new EngineError('unavailable', line.errorDetail?.message ?? line.error)
    yield line
  }
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}
