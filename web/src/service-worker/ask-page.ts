import type { PreviewAnswer, PreviewCredit, PreviewRequest } from '../client/preview-protocol.ts'

/** Milliseconds in which a page must say whether it has a machine; a frozen tab never does. */
const PATIENCE = 2000

/** The part of a WindowClient that is used. */
export interface AskedPage {
  postMessage(message: PreviewRequest, transfer: Transferable[]): void
}

/** Resolves with the page's answer; undefined when it has no machine, or says nothing. */
export function askPage(page: AskedPage, message: PreviewRequest): Promise<Response | undefined> {
  const { port1, port2 } = new MessageChannel()
  page.postMessage(message, [port2])
  return new Promise((resolve) => {
    const settle = (response: Response | undefined): void => {
      clearTimeout(timer)
      resolve(response)
    }
    const timer = setTimeout(() => {
      port1.close()
      resolve(undefined)
    }, PATIENCE)
    port1.onmessage = ({ data }: MessageEvent<PreviewAnswer>) => {
      switch (data.type) {
        case 'refused':
          return settle(undefined)
        case 'accepted':
          clearTimeout(timer)
          return port1.postMessage({ type: 'go' } satisfies PreviewCredit)
        case 'head':
          return settle(new Response(data.hasBody ? bodyFrom(port1) : null, init(data)))
        case 'error':
          return settle(sentence(502, data.message))
      }
    }
    // Chromium fires `close` when the page is closed meanwhile.
    port1.addEventListener('close', () =>
      settle(sentence(503, 'The Porthole page that answered was closed.')),
    )
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
        port.addEventListener('close', () => controller.error(new TypeError('the page was closed')))
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

export function sentence(status: number, text: string): Response {
  return new Response(text, { status, headers: { 'content-type': 'text/plain; charset=utf-8' } })
}
