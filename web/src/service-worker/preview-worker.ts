/**
 * Serves `<base>port/<port>/…` from a published port in the guest, and the page's own files from what is kept of its
 * release (serve-shell.ts). It has no machine: a page that has one answers (client/preview-protocol.ts). It keeps no
 * state in memory, because the browser ends and starts it at will.
 */
import { parsePreviewUrl, previewUrl, type PreviewRequest } from '../client/preview-protocol.ts'
import { ShellStore } from '../release/shell-store.ts'
import { askPage, sentence } from './ask-page.ts'
import { isShellRequest, serveShell } from './serve-shell.ts'

declare const self: ServiceWorkerGlobalScope

const base = self.registration.scope
const shell = new ShellStore(base, self.caches)

self.addEventListener('install', () => void self.skipWaiting())
self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()))

self.addEventListener('fetch', (event) => {
  const { request } = event
  const own = parsePreviewUrl(request.url, base)
  if (own) event.respondWith(serve(request, own))
  else if (new URL(request.url).origin !== self.location.origin) return
  else if (parsePreviewUrl(request.referrer, base)) rescue(event)
  else if (isShellRequest(request, base)) event.respondWith(serveShell(request, base, shell))
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
    const response = await askPage(page, message)
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
