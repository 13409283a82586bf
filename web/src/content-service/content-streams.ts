import type { StreamHandler } from '../../../guest/protocol/wire/byte-stream.ts'
import { serveContent, type Content } from './content-service.ts'

/** Serves the content calls among the streams that the guest opens; all others go to `next`. */
export function contentStreams(content: Content, next: StreamHandler): StreamHandler {
  return (open, stream) => {
    if (open.service !== 'content') return next(open, stream)
    serveContent(content, open.request, stream).catch((error: unknown) =>
      stream.reset(`the content store failed: ${error instanceof Error ? error.message : String(error)}`),
    )
  }
}
