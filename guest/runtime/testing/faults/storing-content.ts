/** A content store for the fault-injection suites: images can be made in it, and it knows whose layers it keeps. */
import { createHash } from 'node:crypto'
import type { BuildStep, Digest, ImageRecord, OciImageConfig } from '../../../protocol/api/content.ts'
import type { ContentClient } from '../../host/channel/content-client.ts'
import { memoryContent } from '../../host/channel/memory-content.ts'

export interface StoringContent extends ContentClient {
  /** The ids that hold leases. */
  readonly leases: ReadonlySet<string>
}

/** The reference under which the store of records gets an image that is made. */
const NEW = 'made.local/image:new'

const digestOf = (bytes: string | Uint8Array): Digest =>
  `sha256:${createHash('sha256').update(bytes).digest('hex')}`

function recordOf(config: OciImageConfig, digests: Digest[], built: BuildStep | undefined): ImageRecord {
  const id = digestOf(JSON.stringify([config, digests]))
  const layers = digests.map((digest, index) => ({
    digest,
    diffId: config.rootfs.diff_ids[index]!,
    mediaType: 'application/vnd.oci.image.layer.v1.tar',
    size: 0,
    unpackedSize: 0,
  }))
  return { id, manifestDigest: digestOf(id), references: [NEW], config, layers, ...(built && { built }) }
}

/**
 * A store that digests blobs and forgets their bytes.
 * @param pullable the images that can be pulled
 */
export function storingContent(images: ImageRecord[], pullable: ImageRecord[]): StoringContent {
  const leases = new Set<string>()
  const catalogue = [...pullable]
  const records = memoryContent(images, catalogue)
  return {
    ...records,
    leases,
    lease: async (id) => void leases.add(id),
    release: async (id) => void leases.delete(id),
    async ingest(_, bytes) {
      const parts: Uint8Array[] = []
      for await (const part of bytes) parts.push(part)
      const blob = Buffer.concat(parts)
      const digest = digestOf(blob)
      return { digest, diffId: digest, size: blob.length, unpackedSize: blob.length }
    },
    async createImage(config, layers, reference, built) {
      const record = recordOf(config, layers, built)
      catalogue.push(record)
      await records.pull({ reference: NEW }, () => undefined)
      catalogue.pop()
      await records.untag(NEW)
      if (reference !== undefined) return records.tag(record.id, reference)
      return (await records.images()).find(({ id }) => id === record.id)!
    },
  }
}
