import type { Fetch } from '../catalogue/http-bytes.ts'
import type { RegistryHandler } from './registry-messages.ts'

/** Makes a handler callable as the fetch that the page's own pulls and pushes expect; request bodies are bytes. */
export function registryFetch(handle: RegistryHandler): Fetch {
  return async (input, init = {}) => {
    const url = new URL(input instanceof Request ? input.url : input)
    const { status, headers, body } = await handle({
      method: init.method ?? 'GET',
      url: url.pathname + url.search,
      headers: Object.fromEntries(new Headers(init.headers)),
      body: sent(init.body),
    })
    // Responses of these statuses must have no body: https://fetch.spec.whatwg.org/#null-body-status
    const empty = status === 204 || status === 304 || init.method === 'HEAD'
    return new Response(empty ? null : streamOf(body), { status, headers })
  }
}

async function* sent(body: BodyInit | null | undefined): AsyncGenerator<Uint8Array> {
  if (body == null) return
  if (!(body instanceof Uint8Array)) throw new TypeError('the registry of this page takes bytes')
  yield body
}

function streamOf(bytes: AsyncIterable<Uint8Array>): ReadableStream<Uint8Array> {
  const source = bytes[Symbol.asyncIterator]()
  return new ReadableStream({
    async pull(controller) {
      const { value, done } = await source.next()
      if (done === true) controller.close()
      else controller.enqueue(value)
    },
    async cancel() {
      await source.return?.()
    },
  })
}
