import { EngineError } from '../../../guest/protocol/errors.ts'

/** Every byte of a file of the site. Rejects with EngineError `unavailable` naming the file and what to do. */
export async function fetchFile(url: string): Promise<Uint8Array> {
  const response = await request(url)
  try {
    return new Uint8Array(await response.arrayBuffer())
  } catch (error) {
    throw unreachable(url, error)
  }
}

async function request(url: string): Promise<Response> {
  let response: Response
  try {
    response = await fetch(url)
  } catch (error) {
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
