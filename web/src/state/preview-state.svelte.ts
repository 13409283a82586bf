import type { ByteStream, StreamOpen } from '../../../guest/protocol/wire/byte-stream.ts'
import { EngineError } from '../../../guest/protocol/errors.ts'
import type { PreviewRequest } from '../client/preview-protocol.ts'
import { previewUrl } from '../client/preview-protocol.ts'
import { answerPreview } from '../client/preview-responder.ts'

const SCRIPT = 'preview-worker.js'

/** Whether published ports can be shown as pages of their own, and who answers their requests. */
export class PreviewState {
  available = $state(false)
  /** Why not; the browser's own words, or ours for a missing feature. */
  reason = $state('')
  /** Scripts of a container's page run on our origin, so only when the person says so. */
  allowScripts = $state(false)
  openStream: ((open: StreamOpen) => Promise<ByteStream>) | undefined
  readonly base: string
  private readonly workers: ServiceWorkerContainer | undefined

  constructor(base: string, workers: ServiceWorkerContainer | undefined) {
    this.base = base
    this.workers = workers
  }

  urlOf(port: number, path: string): string {
    return previewUrl(this.base, port, path)
  }

  toggleScripts(): void {
    this.allowScripts = !this.allowScripts
  }

  /** Registers the Service Worker; afterwards `available` says whether the preview can be had. */
  async register(): Promise<void> {
    if (!this.workers) {
      this.reason = 'no Service Worker outside https and localhost'
      return
    }
    this.workers.addEventListener('message', (event: MessageEvent<PreviewRequest>) => this.answer(event))
    this.workers.startMessages()
    try {
      await this.workers.register(this.base + SCRIPT, { scope: this.base })
      await this.workers.ready
      this.available = true
    } catch (thrown) {
      this.reason = EngineError.from(thrown).message
    }
  }

  private answer({ data, ports }: MessageEvent<PreviewRequest>): void {
    const port = ports[0]
    if (data.type !== 'porthole-preview' || !port) return
    if (!this.openStream) {
      port.postMessage({ type: 'refused' })
      return
    }
    const { openStream, base, allowScripts } = this
    void answerPreview(data, port, { openStream, base, allowScripts })
  }
}
