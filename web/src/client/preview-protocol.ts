/**
 * Between the Service Worker and the page that has the machine. For each request under `<base>port/<port>/` the worker
 * posts a PreviewRequest with a MessagePort to a page; a page that has a machine accepts it, is told to go on, and then
 * answers with messages, one chunk for each `pull`, so that the browser's own flow control reaches the guest. A page that
 * says nothing in time (a frozen tab) is passed over: without a `go` it will never send the request.
 *
 * Where the previews have an origin of their own, a hidden frame of it (preview-origin/bridge.ts) hands the worker's
 * messages, ports and all, to the page. Whatever runs there may send such messages too: all are parsed.
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
  /** This page has no machine: ask another. */
  | { type: 'refused' }
  /** It has one, and waits for `go`. */
  | { type: 'accepted' }
  | { type: 'head'; status: number; reason: string; headers: [string, string][]; hasBody: boolean }
  | { type: 'chunk'; bytes: Uint8Array<ArrayBuffer> }
  | { type: 'end' }
  | { type: 'error'; message: string }

export type PreviewCredit = { type: 'go' } | { type: 'pull' } | { type: 'cancel' }

/** What scripts of a previewed page may do: `free` on an origin of their own, on the page's nothing unless the image is trusted. */
export type PreviewScripts = 'free' | 'trusted' | 'off'

/** The flags of a sandbox, in the frame and in the policy of each answer: https://html.spec.whatwg.org/#sandboxing */
export function previewSandbox(scripts: PreviewScripts): string {
  // The same origin lets the Service Worker serve the page's own files.
  const always = 'allow-same-origin allow-forms'
  switch (scripts) {
    case 'off':
      return always
    case 'trusted':
      return `${always} allow-scripts`
    case 'free':
      return `${always} allow-scripts allow-modals allow-popups allow-downloads`
  }
}

/** Undefined for what is no request. */
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

/** RFC 9110, section 5.6.2, and a value of one line. */
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

/** Undefined for what is none. */
export function parsePreviewCredit(value: unknown): PreviewCredit | undefined {
  const type = isRecord(value) ? value.type : undefined
  return type === 'go' || type === 'pull' || type === 'cancel' ? { type } : undefined
}

/** The port and the path at the server that an address of the page means; undefined for the page's own addresses. */
export function parsePreviewUrl(url: string, base: string): { port: number; target: string } | undefined {
  if (!url.startsWith(base + PREVIEW_PATH)) return undefined
  const match = /^(\d{1,5})(\/[^#]*)?(?:#.*)?$/.exec(url.slice(base.length + PREVIEW_PATH.length))
  const port = Number(match?.[1])
  return match && port > 0 && port < 65536 ? { port, target: match[2] ?? '/' } : undefined
}

export function previewUrl(base: string, port: number, path: string): string {
  return `${base}${PREVIEW_PATH}${port}${path}`
}
