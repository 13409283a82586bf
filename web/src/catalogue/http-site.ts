import { EngineError } from '../../../guest/protocol/errors.ts'
import type { SiteFiles } from './catalogue.ts'
import { rangeHeader, rangedBody } from './http-bytes.ts'
import type { BlobStream } from './image-source.ts'

/** Every byte of a file of the site. Rejects with EngineError `unavailable` naming the file and what to do. */
export async function fetchFile(
  url: string,
  signal?: AbortSignal,
  cache: RequestCache = 'default',
): Promise<Uint8Array> {
  const response = await request(url, { signal, cache })
  try {
    return new Uint8Array(await response.arrayBuffer())
  } catch (error) {
    if (signal?.aborted === true) throw EngineError.from(signal.reason)
    throw unreachable(url, error)
  }
}

async function request(url: string, init?: RequestInit): Promise<Response> {
  let response: Response
  try {
    response = await fetch(url, init)
  } catch (error) {
    if (init?.signal?.aborted === true) throw EngineError.from(init.signal.reason)
    throw unreachable(url, error)
  }
  if (!response.ok)
    throw new EngineError(
      'unavailable',
      `${url} could not be downloaded: the server answered ${response.status}`,
      {
        url,
        status: response.status,
      },
    )
  return response
}

function unreachable(url: string, cause: unknown): EngineError {
  return new EngineError(
    'unavailable',
    `${url} could not be downloaded; check the network and try again`,
    { url },
    cause,
  )
}

/** The site's files as the page reads them. */
export class HttpSite implements SiteFiles {
  private readonly baseUrl: string
  private readonly cache: RequestCache

  /**
   * @param baseUrl absolute, with a trailing slash
   * @param cache `no-store` when what is read is kept elsewhere, so that the browser does not have it twice
   */
  constructor(baseUrl: string, cache: RequestCache = 'default') {
    this.baseUrl = baseUrl
    this.cache = cache
  }

  read(path: string, signal?: AbortSignal): Promise<Uint8Array> {
    return fetchFile(new URL(path, this.baseUrl).href, signal, this.cache)
  }

  async stream(path: string, offset: number, signal?: AbortSignal): Promise<BlobStream> {
    const url = new URL(path, this.baseUrl).href
    return rangedBody(await request(url, { headers: rangeHeader(offset), signal, cache: this.cache }), url)
  }
}
