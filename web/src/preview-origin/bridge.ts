/**
 * The hidden frame of preview.html, on the origin that the site has for previews: it registers the Service Worker there
 * and hands that worker's requests to the page around it. A previewed page that takes the frame over gains nothing: it
 * could ask the Service Worker for the same.
 */
import { EngineError } from '../../../guest/protocol/errors.ts'
import { isRecord } from '../../../guest/protocol/wire/is-record.ts'
import { loadSiteConfig } from '../state/site-config.ts'

const base = new URL('./', document.baseURI).href

addEventListener('message', ({ data, origin, source, ports: [port] }: MessageEvent<unknown>) => {
  if (!isRecord(data) || data.type !== 'porthole-bridge' || source !== parent || !port) return
  serve(port, origin).then(
    () => port.postMessage({ type: 'ready' }),
    (thrown: unknown) => port.postMessage({ type: 'failed', message: EngineError.from(thrown).message }),
  )
})

async function serve(page: MessagePort, origin: string): Promise<void> {
  const config = await loadSiteConfig()
  if (!config || new URL(config.page).origin !== origin)
    throw new EngineError('forbidden', `its site.json does not name ${origin} as the page`)
  const workers: ServiceWorkerContainer | undefined = navigator.serviceWorker
  if (!workers) throw new EngineError('not-supported', 'this browser has no Service Worker there')
  workers.addEventListener('message', ({ data, ports }) => page.postMessage(data, [...ports]))
  workers.startMessages()
  await workers.register(`${base}preview-worker.js`, { scope: base })
  await workers.ready
}
