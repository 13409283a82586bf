/**
 * Between the Service Worker and the page that has the machine. For each request under `<base>port/<port>/` the worker
 * posts a PreviewRequest with a MessagePort to a page; on the port the page answers with messages, one chunk for each
 * `pull`, so that the browser's own flow control reaches the guest.
 */
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
  | { type: 'head'; status: number; reason: string; headers: [string, string][]; hasBody: boolean }
  | { type: 'chunk'; bytes: Uint8Array<ArrayBuffer> }
  | { type: 'end' }
  | { type: 'error'; message: string }

export type PreviewCredit = { type: 'pull' } | { type: 'cancel' }

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
