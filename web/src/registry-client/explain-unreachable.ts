import { EngineError } from '../../../guest/protocol/errors.ts'
import type { Fetch } from '../catalogue/http-bytes.ts'

/** Methods that a page may use without asking first: https://fetch.spec.whatwg.org/#cors-safelisted-method */
const SIMPLE_METHODS = ['GET', 'HEAD', 'POST']
/**
 * Headers that need no permission either, each with its longest value:
 * https://fetch.spec.whatwg.org/#cors-safelisted-request-header
 */
const SIMPLE_HEADERS: Readonly<Record<string, number>> = { accept: 128, range: 128 }

const WAY_OUT = 'Use a registry that sends it, registry.local, or load the image from a file.'

/**
 * Says in one sentence what is missing where, and the way out, when a fetch failed. fetch itself says no more than
 * "failed", so this asks the registry in ways that need more and more permission. `cors` in `details` is true when
 * trying again is of no use.
 */
export async function explainUnreachable(
  fetch: Fetch,
  url: string,
  init: RequestInit | undefined,
  cause: unknown,
): Promise<EngineError> {
  const { origin } = new URL(url)
  const root = `${origin}/v2/`
  const method = (init?.method ?? 'GET').toUpperCase()
  const { headers } = init ?? {}
  const answered = (init: RequestInit): Promise<boolean> =>
    answer(fetch, root, init).then((got) => got !== null)
  const error = (why: string, cors: boolean): EngineError =>
    new EngineError('unavailable', cors ? `${why}. ${WAY_OUT}` : why, { origin, cors }, cause)
  // An opaque request needs no permission: it tells a registry that refuses from one that can't be reached.
  if (!(await answered({ mode: 'no-cors' })))
    return error(`${origin} can't be reached; check the name and the network.`, false)
  if (!(await answered({})))
    return error(
      `${origin} answers, but does not let web pages of other sites read it (CORS): its answers lack the header Access-Control-Allow-Origin`,
      true,
    )
  // The request is harmless whatever its method, because it goes to the root, where nothing can be changed.
  if (!(await answered({ method, headers }))) return error(missingPermission(origin, method, headers), true)
  if (method === 'GET' && (await redirects(fetch, url, headers)))
    return error(
      `${origin} redirects to a storage that does not let web pages of other sites read it (CORS): the storage’s answers lack the header Access-Control-Allow-Origin`,
      true,
    )
  return error(`the connection to ${origin} broke off`, false)
}

/** Null when the server can't be reached. */
async function answer(fetch: Fetch, url: string, init: RequestInit): Promise<Response | null> {
  const response = await fetch(url, init).catch(() => null)
  await response?.body?.cancel()
  return response
}

async function redirects(fetch: Fetch, url: string, headers: HeadersInit | undefined): Promise<boolean> {
  const response = await answer(fetch, url, { headers, redirect: 'manual' })
  return response !== null && (response.type === 'opaqueredirect' || Math.floor(response.status / 100) === 3)
}

function missingPermission(origin: string, method: string, headers: HeadersInit | undefined): string {
  const special = [...new Headers(headers)]
    .filter(([name, value]) => value.length > (SIMPLE_HEADERS[name] ?? -1))
    .map(([name]) => name)
  const wanted = [
    ...(SIMPLE_METHODS.includes(method) ? [] : [`${method} in Access-Control-Allow-Methods`]),
    ...(special.length > 0 ? [`${special.join(', ')} in Access-Control-Allow-Headers`] : []),
  ]
  return `${origin} does not let web pages of other sites send this ${method} request (CORS): its answer to OPTIONS lacks ${wanted.join(' and ')}`
}
