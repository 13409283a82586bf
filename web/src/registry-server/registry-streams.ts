import type { ByteStream, StreamHandler } from '../../../guest/protocol/wire/byte-stream.ts'
import type { RegistryRequestHead, RegistryResponseHead } from '../../../guest/protocol/api/registry.ts'
import type { RegistryHandler } from './registry-messages.ts'

/** Serves the requests to the registry among the streams that the guest opens; all others go to `next`. */
export function registryStreams(handle: RegistryHandler, next: StreamHandler): StreamHandler {
  return (open, stream) => {
    if (open.service !== 'registry') return next(open, stream)
    serve(handle, open.request, stream).catch((error: unknown) =>
      stream.reset(`the registry failed: ${error instanceof Error ? error.message : String(error)}`),
    )
  }
}

async function serve(
  handle: RegistryHandler,
  request: RegistryRequestHead,
  stream: ByteStream,
): Promise<void> {
  // A broken stream makes the reads and writes below fail.
  stream.closed.catch(() => undefined)
  const received = bytesOf(stream)
  const { status, headers, body } = await handle({ ...request, body: received })
  const head: RegistryResponseHead = { status, headers }
  await stream.write(new TextEncoder().encode(`${JSON.stringify(head)}\n`))
  for await (const chunk of body) await stream.write(chunk)
  await stream.end()
  // Reads what the handler left of the request, because its sender would wait for credit for ever.
  for await (const _ of received);
}

async function* bytesOf(stream: ByteStream): AsyncGenerator<Uint8Array> {
  for (let chunk = await stream.read(); chunk !== null; chunk = await stream.read()) yield chunk
}
