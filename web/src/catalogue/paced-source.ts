import type { ImageSource } from './image-source.ts'

/** Wraps a source so that `pace` is awaited before each piece of a blob. */
export function pacedSource(source: ImageSource, pace: () => Promise<void>): ImageSource {
  return {
    manifest: (reference, signal) => source.manifest(reference, signal),
    manifestByDescriptor: (...named) => source.manifestByDescriptor(...named),
    permanent: source.permanent,
    async blob(...named) {
      const { start, bytes } = await source.blob(...named)
      return { start, bytes: paced(bytes, pace) }
    },
  }
}

async function* paced(
  bytes: AsyncIterable<Uint8Array>,
  pace: () => Promise<void>,
): AsyncGenerator<Uint8Array> {
  for await (const piece of bytes) {
    await pace()
    yield piece
  }
}
