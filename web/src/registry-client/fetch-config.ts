import { EngineError } from '../../../guest/protocol/errors.ts'
import type { Descriptor } from '../content/blob-store.ts'
import { verifyDigest } from '../storage/digest.ts'
import { type ImageReference, formatReference } from '../../../guest/vocabulary/image-reference.ts'
import type { ImageSource } from '../catalogue/image-source.ts'

const MAX_CONFIG_SIZE = 8 * 2 ** 20

/** Reads and verifies an image's configuration. Rejects with EngineError `too-large` or `corrupt`. */
export async function fetchConfig(
  source: ImageSource,
  reference: ImageReference,
  descriptor: Descriptor,
  signal?: AbortSignal,
): Promise<Uint8Array> {
  if (descriptor.size > MAX_CONFIG_SIZE)
    throw new EngineError(
      'too-large',
      `the configuration of ${formatReference(reference)} has ${descriptor.size} bytes`,
    )
  const { bytes } = await source.blob(reference, descriptor, 0, signal)
  const config = new Uint8Array(descriptor.size)
  let filled = 0
  for await (const part of bytes) {
    if (filled + part.length > config.length) break
    config.set(part, filled)
    filled += part.length
  }
  await verifyDigest(config, descriptor.digest, `the configuration of ${formatReference(reference)}`)
  return config
}
