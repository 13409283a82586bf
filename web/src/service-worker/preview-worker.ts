/**
 * Maps `<base>port/<port>/…` to HTTP of a published port in the guest. It knows nothing of the machine: a page that has one
 * answers (client/preview-protocol.ts). Stateless but for a hint, as the browser ends and starts it at will.
 */
import {
  parsePreviewUrl,
  previewUrl,
  type PreviewAnswer,
  type PreviewCredit,
  type PreviewRequest,
} from '../client/preview-protocol.ts'

declare const self: ServiceWorkerGlobalScope

const base = self.registration.scope

self.addEventListener('install', () => void self.skipWaiting())
self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()))

self.addEventListener('fetch', (event) => {
  const { request } = event
  const own = parsePreviewUrl(request.url, base)
  if (own) event.respondWith(serve(request, own))
  else if (new URL(request.url).origin === self.location.origin) rescue(event)
})

/** `/style.css` of a previewed page leaves the preview's folder; its referrer tells which port it means. */
function rescue(event: FetchEvent): void {
  const { request } = event
  const from = parsePreviewUrl(request.referrer, base)
  if (!from) return
  const { pathname, search } = new URL(request.url)
  if (request.mode === 'navigate')
    event.respondWith(Response.redirect(previewUrl(base, from.port, pathname + search), 307))
  else event.respondWith(serve(request, { port: from.port, target: pathname + search }))
}

async function serve(
  request: Request,
  { port, target }: { port: number; target: string },
): Promise<Response> {
  const message: PreviewRequest = {
    type: 'porthole-preview',
    port,
    method: request.method,
    target,
    headers: [...request.headers],
    ...(request.method !== 'GET' && request.method !== 'HEAD' && { body: await request.arrayBuffer() }),
  }
  for (const page of await pages()) {
    const response = await ask(page, message)
    if (response) return response
  }
  return sentence(503, 'No Porthole page with a running machine is open.')
}

/** Pages that may have a machine, the one in use first; previews are clients too, but have none. */
async function pages(): Promise<WindowClient[]> {
  const windows = await self.clients.matchAll({ type: 'window', includeUncontrolled: true })
  const rank = ({ focused, visibilityState }: WindowClient) =>
    focused ? 0 : visibilityState === 'visible' ? 1 : 2
  return windows
    .filter(({ url }) => url.startsWith(base) && !parsePreviewUrl(url, base))
    .sort((a, b) => rank(a) - rank(b))
}

/** Resolves with the page's answer; undefined when it has no machine. */
function ask(page: WindowClient, message: PreviewRequest): Promise<Response | undefined> {
  const { port1, port2 } = new MessageChannel()
  page.postMessage(message, [port2])
  return new Promise((resolve) => {
    port1.onmessage = ({ data }: MessageEvent<PreviewAnswer>) => {
      if (data.type === 'refused') resolve(undefined)
      else if (data.type === 'head') resolve(new Response(data.hasBody ? bodyFrom(port1) : null, init(data)))
      else if (data.type === 'error') resolve(sentence(502, data.message))
    }
  })
}

function init({ status, reason, headers }: Extract<PreviewAnswer, { type: 'head' }>): ResponseInit {
  return { status, statusText: reason, headers }
}

function bodyFrom(port: MessagePort): ReadableStream<Uint8Array> {
  const say = (credit: PreviewCredit) => port.postMessage(credit)
  let wanted: (() => void) | undefined
  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        port.onmessage = ({ data }: MessageEvent<PreviewAnswer>) => {
          if (data.type === 'chunk') controller.enqueue(data.bytes)
          else if (data.type === 'end') controller.close()
          else
            controller.error(new TypeError(data.type === 'error' ? data.message : `unexpected ${data.type}`))
          wanted?.()
        }
      },
      pull() {
        say({ type: 'pull' })
        return new Promise((resolve) => (wanted = resolve))
      },
      cancel: () => say({ type: 'cancel' }),
    },
    { highWaterMark: 0 },
  )
}

function sentence(status: number, text: string): Response {
  return new Response(text, { status, headers: { 'content-type': 'text/plain; charset=utf-8' } })
}
