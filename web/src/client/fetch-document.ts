import type { ByteStream, StreamOpen } from '../../../guest/protocol/wire/byte-stream.ts'
import { EngineError } from '../../../guest/protocol/errors.ts'
import { readText } from '../../../guest/vocabulary/engine-client/body.ts'
import { requestPort } from './port-request.ts'

const MAX_DOCUMENT_BYTES = 8 << 20
const MAX_REDIRECTS = 5

/**
 * Precedes a document that is shown alone: what the document refers to lies in the guest, where the browser cannot go,
 * and the browser must not ask the page's own server for it.
 */
const ALONE =
  '<!doctype html><meta http-equiv="Content-Security-Policy" ' +
  `content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">`

/**
 * Fetches a document of a published port as text, without its images, styles and scripts; follows redirects on the same
 * server.
 */
export async function fetchDocument(
  openStream: (open: StreamOpen) => Promise<ByteStream>,
  port: number,
  path: string,
): Promise<string> {
  let target = path
  for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
    const { head, body } = await requestPort(openStream, {
      port,
      method: 'GET',
      target,
      headers: [['Accept', 'text/html, */*']],
    })
    const text = await readText(body, MAX_DOCUMENT_BYTES)
    const { location } = head.headers
    if (head.status < 300 || head.status >= 400 || location === undefined) return ALONE + text
    const next = new URL(location, `http://localhost:${port}${target}`)
    target = next.pathname + next.search
  }
  throw new EngineError('invalid', `port ${port} redirects ${path} in a circle`)
}
