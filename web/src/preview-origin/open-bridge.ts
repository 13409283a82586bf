import { EngineError } from '../../../guest/protocol/errors.ts'
import { isRecord } from '../../../guest/protocol/wire/is-record.ts'
import type { SiteConfig } from '../state/site-config.ts'
import type { PreviewBridge } from '../state/preview-state.svelte.ts'

/** Milliseconds in which even a slow line loads a small page and its Service Worker. */
const PATIENCE = 15_000

/** Opens the hidden frame on the origin for previews. Rejects with EngineError `unavailable` when it can't serve them. */
export function openPreviewBridge({ page, preview }: SiteConfig): Promise<PreviewBridge> {
  const { origin } = new URL(preview)
  const failure = (why: string) => new EngineError('unavailable', `${origin} can't show previews: ${why}`)
  if (new URL(page).origin !== location.origin) return Promise.reject(failure(`site.json is of ${page}`))
  const frame = document.createElement('iframe')
  frame.hidden = true
  frame.src = `${preview}preview.html`
  const { port1, port2 } = new MessageChannel()
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => fail('it does not answer'), PATIENCE)
    const fail = (why: string) => {
      clearTimeout(timer)
      port1.close()
      frame.remove()
      reject(failure(why))
    }
    port1.onmessage = ({ data }: MessageEvent<unknown>) => {
      clearTimeout(timer)
      if (isRecord(data) && data.type === 'ready') resolve({ base: preview, requests: port1 })
      else fail(isRecord(data) ? String(data.message) : 'it answers something else')
    }
    frame.onload = () => frame.contentWindow?.postMessage({ type: 'porthole-bridge' }, origin, [port2])
    document.body.append(frame)
  })
}
