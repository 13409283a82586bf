import { CONNECT, EMBED_VERSION, versionOf } from '../contract/messages.ts'
import { EngineError } from '../../../../guest/protocol/errors.ts'
import type { LabLink } from './lab-link.ts'

/** Milliseconds that a frame has to say what it showed; one whose script hangs says nothing. */
const PATIENCE = 2_000

/** One frame with a lab, from its making to its end: answers its hello with a port for the link. */
export class FrameSession {
  readonly element = document.createElement('iframe')
  readonly #link: LabLink
  readonly #origin: string
  #connected = false

  constructor(address: string, title: string, link: LabLink, height: number) {
    this.#link = link
    this.#origin = new URL(address).origin
    const { element } = this
    element.title = title
    element.allow = 'clipboard-write'
    element.referrerPolicy = 'no-referrer'
    element.src = address
    this.setHeight(height)
    const hear = ({ data, source, origin }: MessageEvent<unknown>) => {
      if (source !== element.contentWindow || origin !== this.#origin) return
      const version = versionOf(data, 'hello')
      if (version === undefined) return
      removeEventListener('message', hear)
      this.#connect(version)
    }
    addEventListener('message', hear)
    link.booted.catch(() => removeEventListener('message', hear))
  }

  setHeight(height: number): void {
    this.element.style.height = `${height}px`
  }

  /** Stops the machine; resolves with what its terminals showed, or an empty text. */
  lastWords(): Promise<string> {
    if (!this.#connected) return Promise.resolve('')
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(''), PATIENCE)
      const done = (text: unknown) => {
        clearTimeout(timer)
        resolve(typeof text === 'string' ? text : '')
      }
      this.#link.call('dispose').then(done, () => done(''))
    })
  }

  #connect(version: number): void {
    if (version !== EMBED_VERSION) {
      const message = `embed.js speaks version ${EMBED_VERSION} of the embed’s protocol, and the lab ${version}`
      this.#link.end(new EngineError('not-supported', message))
      return
    }
    const { port1, port2 } = new MessageChannel()
    this.#link.connect(port1)
    this.#connected = true
    this.element.contentWindow!.postMessage(CONNECT, this.#origin, [port2])
  }
}
