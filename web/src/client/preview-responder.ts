import type { ByteStream, StreamOpen } from '../../../guest/protocol/wire/byte-stream.ts'
import { EngineError } from '../../../guest/protocol/errors.ts'
import type { Exchange } from './http-connection.ts'
import { requestPort } from './port-request.ts'
import {
  parsePreviewCredit,
  PREVIEW_PATH,
  previewPolicy,
  type PreviewAnswer,
  type PreviewRequest,
  type PreviewScripts,
} from './preview-protocol.ts'

export interface PreviewOptions {
  openStream: (open: StreamOpen) => Promise<ByteStream>
  /** The address below which the preview is shown, with a trailing slash. */
  base: string
  /** Called when the answer has come: by then the port may belong to another container. */
  scripts: () => PreviewScripts
}

/** The part of a MessagePort that is used. */
export interface AnswerPort {
  postMessage(message: PreviewAnswer, transfer?: Transferable[]): void
  onmessage: ((event: MessageEvent<unknown>) => void) | null
  close(): void
}

/** Answers one request of the Service Worker out of the guest; failures become an `error` answer, never a rejection. */
export async function answerPreview(
  request: PreviewRequest,
  answer: AnswerPort,
  options: PreviewOptions,
): Promise<void> {
  const cancelled = new AbortController()
  try {
    const exchange = await requestPort(options.openStream, {
      ...request,
      ...(request.body ? { body: new Uint8Array(request.body) } : { body: undefined }),
      signal: cancelled.signal,
    })
    await relay(exchange, request, answer, options, cancelled)
  } catch (thrown) {
    if (!cancelled.signal.aborted)
      answer.postMessage({ type: 'error', message: EngineError.from(thrown).message })
    answer.close()
  }
}

function relay(
  { head, body }: Exchange,
  request: PreviewRequest,
  answer: AnswerPort,
  options: PreviewOptions,
  cancelled: AbortController,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const next = async () => {
      const { done, value } = await body.next()
      if (!done) return answer.postMessage({ type: 'chunk', bytes: value.slice() })
      answer.postMessage({ type: 'end' })
      answer.close()
      resolve()
    }
    answer.onmessage = ({ data }) => {
      const type = parsePreviewCredit(data)?.type
      if (type === 'go' || type === undefined) return
      if (type === 'pull') return void next().catch(reject)
      cancelled.abort(new EngineError('unavailable', 'the browser no longer wants the answer'))
      answer.close()
      resolve()
    }
    const hasBody = request.method !== 'HEAD' && ![101, 204, 205, 304].includes(head.status)
    const headers = previewHeaders(head.headers, request.port, options)
    answer.postMessage({ type: 'head', status: head.status, reason: head.reason, headers, hasBody })
    if (!hasBody) {
      answer.close()
      resolve()
    }
  })
}

/** The codec has removed the framing, and the policies of the container's page must not decide how we show it. */
const DROPPED = new Set([
  'connection',
  'keep-alive',
  'transfer-encoding',
  'content-length',
  'content-security-policy',
  'x-frame-options',
  'set-cookie',
  'service-worker-allowed',
  'clear-site-data',
])

/**
 * The answer's headers for the browser. On the page's origin the policy also holds when the answer is opened in
 * a tab of its own: no script of a container runs there unless the person trusts its image.
 */
export function previewHeaders(
  headers: Record<string, string>,
  port: number,
  options: PreviewOptions,
): [string, string][] {
  const kept = Object.entries(headers).filter(([name]) => !DROPPED.has(name))
  const policy = previewPolicy(options.scripts())
  return [
    ...kept.map(([name, value]): [string, string] =>
      name === 'location' ? [name, previewLocation(value, port, options.base)] : [name, value],
    ),
    ...(policy === undefined ? [] : [['content-security-policy', policy] satisfies [string, string]]),
    ['cache-control', 'no-store'],
  ]
}

/** Keeps a redirect within the server in the preview; leaves one to another host alone. */
function previewLocation(location: string, port: number, base: string): string {
  const own = [`http://localhost:${port}/`, `http://127.0.0.1:${port}/`].find((origin) =>
    location.startsWith(origin),
  )
  if (own) return `${base}${PREVIEW_PATH}${port}/${location.slice(own.length)}`
  return /^\/(?!\/)/.test(location) ? `${base}${PREVIEW_PATH}${port}${location}` : location
}
