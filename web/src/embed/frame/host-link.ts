import type { Lab } from '../contract/lab.ts'
import {
  CONNECT,
  EMBED_VERSION,
  HELLO,
  versionOf,
  type LabEventName,
  type LabEvents,
} from '../contract/messages.ts'
import { serveLab } from './serve-lab.ts'

/** What of the frame's window is used. */
export interface FrameWindow {
  /** The window itself where nobody frames it. */
  readonly parent: object & Pick<Window, 'postMessage'>
  addEventListener(type: 'message', listener: (event: MessageEvent<unknown>) => void): void
}

/** The frame's end of the port to the page around it, which may never open one. */
export class HostLink {
  #port: MessagePort | undefined
  #lab: Lab | undefined
  /** What was told before there was a port; of each kind, the last. */
  readonly #untold = new Map<LabEventName, object>()

  /** Says hello, and takes the first port that the page around the frame answers with. */
  constructor(window: FrameWindow) {
    window.addEventListener('message', ({ data, source, ports: [port] }) => {
      const version = versionOf(data, CONNECT.type)
      if (version === undefined || source !== window.parent || !port || this.#port) return
      this.#open(port, version)
    })
    // To any origin, because anyone may frame the lab; the message holds nothing of the reader's.
    if ((window.parent as object) !== window) window.parent.postMessage(HELLO, '*')
  }

  /** From now on, calls are this lab's. */
  serve(lab: Lab): void {
    this.#lab = lab
  }

  tell<Name extends LabEventName>(event: Name, detail: LabEvents[Name]): void {
    if (this.#port) this.#port.postMessage({ event, detail })
    else this.#untold.set(event, detail)
  }

  #open(port: MessagePort, version: number): void {
    this.#port = port
    if (version === EMBED_VERSION) serveLab(port, () => this.#lab)
    else {
      const message = `this lab speaks version ${EMBED_VERSION} of the embed’s protocol, and the page around it ${version}`
      port.postMessage({ event: 'error', detail: { code: 'not-supported', message } })
    }
    for (const [event, detail] of this.#untold) port.postMessage({ event, detail })
    this.#untold.clear()
  }
}
