/** OCI images made in memory, and a site that serves them as public/images does. */
import { createHash } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import type { Digest, OciImageConfig } from '../../guest/protocol/api/content.ts'
import { EngineError } from '../../guest/protocol/errors.ts'
import type { Descriptor } from '../../web/src/content/blob-store.ts'
import type { SiteFiles } from '../../web/src/catalogue/catalogue.ts'
import { MEDIA_TYPES } from '../../web/src/content/manifest.ts'

export interface MadeImage {
  manifest: Descriptor
  config: Descriptor & { document: OciImageConfig }
  layers: (Descriptor & { diffId: Digest })[]
}

export class Layout {
  readonly blobs = new Map<Digest, Uint8Array>()
  readonly mediaTypes = new Map<Digest, string>()
  private readonly entries: (Descriptor & { annotations: Record<string, string> })[] = []

  addBlob(mediaType: string, bytes: Uint8Array): Descriptor {
    const digest = sha256(bytes)
    this.blobs.set(digest, bytes)
    this.mediaTypes.set(digest, mediaType)
    return { mediaType, digest, size: bytes.length }
  }

  addJson(mediaType: string, document: object): Descriptor {
    return this.addBlob(mediaType, new Uint8Array(Buffer.from(JSON.stringify(document))))
  }

  addImage(
    tars: readonly Uint8Array[],
    options: { name?: string; architecture?: string; gzip?: boolean } = {},
  ): MadeImage {
    const { name, architecture = '386', gzip = true } = options
    const layers = tars.map((tar) => ({
      ...this.addBlob(
        gzip ? MEDIA_TYPES.ociLayerGzip : MEDIA_TYPES.ociLayer,
        gzip ? new Uint8Array(gzipSync(tar, { level: 1 })) : tar,
      ),
      diffId: sha256(tar),
    }))
    const diffIds = layers.map(({ diffId }) => diffId)
    const document: OciImageConfig = {
      architecture,
      os: 'linux',
      rootfs: { type: 'layers', diff_ids: diffIds },
    }
    const config = this.addJson(MEDIA_TYPES.ociConfig, document)
    const manifest = this.addJson(MEDIA_TYPES.ociManifest, {
      schemaVersion: 2,
      mediaType: MEDIA_TYPES.ociManifest,
      config,
      layers: layers.map(({ mediaType, digest, size }) => ({ mediaType, digest, size })),
    })
    if (name !== undefined)
      this.entries.push({ ...manifest, annotations: { 'io.containerd.image.name': name } })
    return { manifest, config: { ...config, document }, layers }
  }

  addIndex(entries: readonly { image: MadeImage; architecture: string; variant?: string }[]): Descriptor {
    return this.addJson(MEDIA_TYPES.ociIndex, {
      schemaVersion: 2,
      mediaType: MEDIA_TYPES.ociIndex,
      manifests: entries.map(({ image, architecture, variant }) => ({
        ...image.manifest,
        platform: { os: 'linux', architecture, ...(variant !== undefined && { variant }) },
      })),
    })
  }

  /** A file of `images/`. */
  file(path: string): Uint8Array | undefined {
    if (path === 'images/index.json')
      return new Uint8Array(Buffer.from(JSON.stringify({ schemaVersion: 2, manifests: this.entries })))
    return this.blobs.get(path.replace(/^images\/blobs\/(\w+)\//, '$1:') as Digest)
  }
}

/** The layout as a site; every path read is recorded, and nothing comes while `online` is false. */
export class LayoutSite implements SiteFiles {
  online = true
  readonly reads: string[] = []
  private readonly layout: Layout

  constructor(layout: Layout) {
    this.layout = layout
  }

  read(path: string): Promise<Uint8Array> {
    this.reads.push(path)
    const bytes = this.online ? this.layout.file(path) : undefined
    if (bytes !== undefined) return Promise.resolve(bytes)
    const details = this.online ? { status: 404 } : {}
    return Promise.reject(new EngineError('unavailable', `${path} could not be downloaded`, details))
  }

  async stream(path: string, offset: number): Promise<{ start: number; bytes: AsyncGenerator<Uint8Array> }> {
    const bytes = await this.read(path)
    const rest = async function* (): AsyncGenerator<Uint8Array> {
      for (let start = offset; start < bytes.length; start += 10_000)
        yield bytes.subarray(start, start + 10_000)
    }
    return { start: offset, bytes: rest() }
  }
}

export function sha256(bytes: Uint8Array): Digest {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`
}
