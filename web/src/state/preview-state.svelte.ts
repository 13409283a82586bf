import type { ByteStream, StreamOpen } from '../../../guest/protocol/wire/byte-stream.ts'
import { EngineError } from '../../../guest/protocol/errors.ts'
import {
  parsePreviewCredit,
  parsePreviewRequest,
  previewUrl,
  type PreviewAnswer,
  type PreviewScripts,
} from '../client/preview-protocol.ts'
import { answerPreview } from '../client/preview-responder.ts'

const SCRIPT = 'preview-worker.js'

/** A connection to the origin that the site has for previews. */
export interface PreviewBridge {
  /** The address at which that origin serves this site, with a trailing slash. */
  base: string
  /** Brings its Service Worker's requests, each with a port for the answer. */
  requests: Pick<MessagePort, 'onmessage'>
}

/** The part of a running machine that previews need. */
export interface PreviewedMachine {
  openStream: (open: StreamOpen) => Promise<ByteStream>
  /** The id of the image whose container publishes the port; undefined when none does. */
  imageAt(port: number): string | undefined
}

/** Decides where published ports are shown as pages, answers their requests, and decides whose scripts run. */
export class PreviewState {
  /**
   * The address below which previews are shown, on an origin of their own (`isolated`) or the page's; undefined where
   * there is no Service Worker.
   */
  place = $state.raw<{ base: string; isolated: boolean }>()
  /** Why there is no place, in the browser's words, or ours when it lacks a feature. */
  reason = $state('')
  /** Why the site's origin for previews is not used. */
  originError = $state.raw<EngineError>()
  machine: PreviewedMachine | undefined
  private trusted = $state.raw<readonly string[]>([])
  private readonly base: string
  private readonly workers: ServiceWorkerContainer | undefined
  private readonly openBridge: () => Promise<PreviewBridge | undefined>

  /** @param openBridge resolves with undefined where the site has no origin for previews */
  constructor(
    base: string,
    workers: ServiceWorkerContainer | undefined,
    openBridge: () => Promise<PreviewBridge | undefined>,
  ) {
    this.base = base
    this.workers = workers
    this.openBridge = openBridge
  }

  urlOf(port: number, path: string): string {
    return previewUrl(this.place?.base ?? this.base, port, path)
  }

  /** What scripts of a page of this image may do: on the page's own origin they could do whatever the page can. */
  scriptsOf(imageId: string | undefined): PreviewScripts {
    if (this.place?.isolated === true) return 'free'
    return imageId !== undefined && this.trusted.includes(imageId) ? 'trusted' : 'off'
  }

  toggleTrust(imageId: string): void {
    const others = this.trusted.filter((id) => id !== imageId)
    this.trusted = this.trusted.includes(imageId) ? others : [...others, imageId]
  }

  /** Finds the place where previews are shown; afterwards `place` or `reason` is set. */
  async register(): Promise<void> {
    if (!this.workers) {
      this.reason = 'no Service Worker outside https and localhost'
      return
    }
    if (await this.useBridge()) return
    this.workers.addEventListener('message', ({ data, ports }) => this.answer(data, ports[0], this.base))
    this.workers.startMessages()
    try {
      await this.workers.register(this.base + SCRIPT, { scope: this.base })
      await this.workers.ready
      this.place = { base: this.base, isolated: false }
    } catch (thrown) {
      this.reason = EngineError.from(thrown).message
    }
  }

  private async useBridge(): Promise<boolean> {
    try {
      const bridge = await this.openBridge()
      if (!bridge) return false
      bridge.requests.onmessage = ({ data, ports }) => this.answer(data, ports[0], bridge.base)
      this.place = { base: bridge.base, isolated: true }
      return true
    } catch (thrown) {
      this.originError = EngineError.from(thrown)
      return false
    }
  }

  private answer(message: unknown, port: MessagePort | undefined, base: string): void {
    const request = parsePreviewRequest(message)
    if (!request || !port) return
    const { machine } = this
    const say = (answer: PreviewAnswer) => port.postMessage(answer)
    if (!machine) return say({ type: 'refused' })
    const scripts = () => this.scriptsOf(machine.imageAt(request.port))
    port.onmessage = ({ data }: MessageEvent<unknown>) => {
      if (parsePreviewCredit(data)?.type !== 'go') return
      void answerPreview(request, port, { openStream: machine.openStream, base, scripts })
    }
    say({ type: 'accepted' })
  }
}
