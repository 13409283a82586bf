import type { Digest } from '../../../guest/protocol/api/content.ts'
import type { ContentStore } from '../content/content-store.ts'
import { parseDigest } from '../storage/digest.ts'
import { copyInto } from '../registry-client/layer-fetcher.ts'
import type { LayerRecord } from '../content/layer-store.ts'
import { MEDIA_TYPES } from '../content/manifest.ts'

/** Milliseconds. One build step lies between an ingest and the image that uses it; an hour is ample. */
const LEASE_LIFETIME = 60 * 60 * 1000

const GZIP_LAYERS: readonly string[] = [MEDIA_TYPES.ociLayerGzip, MEDIA_TYPES.dockerLayerGzip]
const PLAIN_LAYERS: readonly string[] = [MEDIA_TYPES.ociLayer, MEDIA_TYPES.dockerLayer]

export interface IngestResult {
  digest: Digest
  size: number
  diffId?: Digest
  unpackedSize?: number
}

/**
 * Stores what the caller sends: unpacks a layer (and keeps an uncompressed one only unpacked), stores anything
 * else as a blob. Rejects with EngineError `corrupt` when the digest isn't `expected`.
 */
export async function ingestContent(
  store: ContentStore,
  mediaType: string,
  expected: Digest | undefined,
  bytes: AsyncIterable<Uint8Array>,
): Promise<IngestResult> {
  const wanted = expected === undefined ? undefined : parseDigest(expected)
  if (PLAIN_LAYERS.includes(mediaType)) {
    const { diffId, run, unpackedSize } = await unpack(store, bytes, 'none', wanted ?? 'sent', wanted)
    return { digest: diffId, diffId, size: run.size, unpackedSize }
  }
  const ingest = await store.blobs.ingestUnknown(mediaType, wanted)
  await copyInto(ingest, { start: 0, bytes })
  const blob = await store.transaction(async (leases) => {
    const record = await ingest.commit()
    await leases.add(`ingest-${record.digest}`, [record.digest], LEASE_LIFETIME)
    return record
  })
  const { digest, run } = blob
  if (!GZIP_LAYERS.includes(mediaType)) return { digest, size: run.size }
  const layer = await unpack(store, store.blobs.read(digest), 'gzip', digest, undefined, run.size)
  return { digest, size: run.size, diffId: layer.diffId, unpackedSize: layer.unpackedSize }
}

function unpack(
  store: ContentStore,
  source: AsyncIterable<Uint8Array>,
  compression: 'gzip' | 'none',
  name: string,
  diffId?: Digest,
  size?: number,
): Promise<LayerRecord> {
  return store.layers.unpack(source, {
    name,
    compression,
    diffId,
    size,
    around: (diffId, commit) =>
      store.transaction(async (leases) => {
        await leases.add(`ingest-${diffId}`, [diffId], LEASE_LIFETIME)
        return commit()
      }),
  })
}
