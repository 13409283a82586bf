/**
 * Messages between the Service Worker and the page that has the machine. For each request under `<base>port/<port>/`
 * the worker posts a PreviewRequest with a MessagePort to a page. A page that has a machine accepts it, waits for `go`,
 * and then answers with messages, one chunk for each `pull`, so that the browser's own flow control reaches the guest.
 * The worker passes over a page that does not answer in time (a frozen tab): without a `go` that page never sends the
 * request.
 *
 * Where previews have an origin of their own, a hidden frame of it (preview-origin/bridge.ts) hands the worker's
 * messages, with their ports, to the page. Code that runs on that origin may send such messages too, so all are parsed.
 */
import { isRecord } from '../../../guest/protocol/wire/is-record.ts'

export const PREVIEW_PATH = 'port/'

export interface PreviewRequest {
  type: 'porthole-preview'
  port: number
  method: string
  /** Path and query at the server. */
  target: string
  headers: [string, string][]
  body?: ArrayBuffer
}

export type PreviewAnswer =
  /** This page has no machine: the worker asks another. */
  | { type: 'refused' }
  /** This page has a machine and waits for `go`. */
  | { type: 'accepted' }
  | { type: 'head'; status: number; reason: string; headers: [string, string][]; hasBody: boolean }
  | { type: 'chunk'; bytes: Uint8Array<ArrayBuffer> }
  | { type: 'end' }
  | { type: 'error'; message: string }

export type PreviewCredit = { type: 'go' } | { type: 'pull' } | { type: 'cancel' }

/**
 * What scripts of a previewed page may do. On an origin of their own they are `free`; on the page's origin they run
 * only when the image is trusted.
 */
export type PreviewScripts = 'free' | 'trusted' | 'off'

/**
 * The flags of the frame's sandbox: https://html.spec.whatwg.org/#sandboxing. The same origin and scripts are always
 * allowed, because WebKit's Service Workers answer no frame and no link of a document that may run none; `off` is the
 * answers' policy (`previewPolicy`), which each document of the preview has.
 */
export function previewSandbox(scripts: PreviewScripts): string {
  const always = 'allow-same-origin allow-forms allow-scripts'
  return scripts === 'free' ? `${always} allow-modals allow-popups allow-downloads` : always
}

/** The Content-Security-Policy of an answer; undefined where pages may do what they like. */
export function previewPolicy(scripts: PreviewScripts): string | undefined {
  if (scripts === 'free') return undefined
  const sandbox = `sandbox ${previewSandbox(scripts)}`
  return scripts === 'off' ? `${sandbox}; script-src 'none'` : sandbox
}

/** Undefined when the value is no request. */
export function parsePreviewRequest(value: unknown): PreviewRequest | undefined {
  if (!isRecord(value) || value.type !== 'porthole-preview') return undefined
  const { port, method, target, headers, body } = value
  const isPort = typeof port === 'number' && Number.isInteger(port) && port > 0 && port < 65536
  if (!isPort || typeof method !== 'string' || !/^[A-Za-z]+$/.test(method)) return undefined
  if (typeof target !== 'string' || !/^\/[^\s#]*$/.test(target)) return undefined
  if (!Array.isArray(headers) || !headers.every(isHeader)) return undefined
  if (body !== undefined && !(body instanceof ArrayBuffer)) return undefined
  return { type: 'porthole-preview', port, method, target, headers, ...(body && { body }) }
}

/** Checks a name by RFC 9110, section 5.6.2, and that the value is one line. */
function isHeader(pair: unknown): pair is [string, string] {
  if (!Array.isArray(pair) || pair.length !== 2) return false
  const [name, value] = pair as unknown[]
  return (
    typeof name === 'string' &&
    /^[\w!#$%&'*+.^`|~-]+$/.test(name) &&
    typeof value === 'string' &&
    !/[\r\n\0]/.test(value)
  )
}

/** Undefined when the value is no credit. */
export function parsePreviewCredit(value: unknown): PreviewCredit | undefined {
  const type = isRecord(value) ? value.type : undefined
  return type === 'go' || type === 'pull' || type === 'cancel' ? { type } : undefined
}

/**
 * The port, and the path at its server, that an address under the preview's folder means; undefined for the page's own
 * addresses.
 */
export function parsePreviewUrl(url: string, base: string): { port: number; target: string } | undefined {
  if (!url.startsWith(base + PREVIEW_PATH)) return undefined
  const match = /^(\d{1,5})(\/[^#]*)?(?:#.*)?$/.exec(url.slice(base.length + PREVIEW_PATH.length))
  const port = Number(match?.[1])
  return match && port > 0 && port < 65536 ? { port, target: match[2] ?? '/' } : undefined
}

export function previewUrl(base: string, port: number, path: string): string {
  return `${base}${PREVIEW_PATH}${port}${path}`
}
