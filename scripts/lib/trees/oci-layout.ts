import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import type { OciExecutionConfig } from '../../../guest/protocol/api/content.ts'
import type { FileNode } from './file-tree.ts'
import { sha256 } from '../hash.ts'
import { writeTar } from './write-tar.ts'

const compress = promisify(gzip)

const MEDIA = {
  index: 'application/vnd.oci.image.index.v1+json',
  manifest: 'application/vnd.oci.image.manifest.v1+json',
  config: 'application/vnd.oci.image.config.v1+json',
  layer: 'application/vnd.oci.image.layer.v1.tar+gzip',
} as const

/** Every image of the layout is built for the guest. */
export const PLATFORM = { architecture: '386', os: 'linux' } as const

export interface Descriptor {
  mediaType: string
  digest: string
  size: number
}

export interface Layer {
  descriptor: Descriptor
  diffId: string
  /** The command that `docker history` shows for the layer. */
  createdBy: string
}

export interface Image {
  /** E.g. `busybox`; tagged latest. */
  name: string
  /** Its other tags. */
  tags?: readonly string[]
  layers: Layer[]
  config: OciExecutionConfig
  /** Seconds since the epoch. */
  created: number
}

/** Writes an OCI image layout: https://github.com/opencontainers/image-spec/blob/main/image-layout.md */
export class OciLayout {
  private readonly dir: string
  private readonly manifests: (Descriptor & { [key: string]: unknown })[] = []

  constructor(dir: string) {
    this.dir = dir
  }

  /** Packs tree entries as a gzip layer and stores the blob. */
  async addLayer(entries: [path: string, node: FileNode][], createdBy: string): Promise<Layer> {
    const tar = writeTar(entries)
    const blob = await compress(tar, { level: 9 })
    // RFC 1952, section 2.3.1: byte 9 names the system that compressed; 255, unknown, is the same everywhere.
    blob[9] = 255
    return { descriptor: await this.addBlob(MEDIA.layer, blob), diffId: `sha256:${sha256(tar)}`, createdBy }
  }

  async addImage(image: Image): Promise<void> {
    const config = await this.addBlob(MEDIA.config, Buffer.from(JSON.stringify(imageConfig(image))))
    const layers = image.layers.map(({ descriptor }) => descriptor)
    const manifest = { schemaVersion: 2, mediaType: MEDIA.manifest, config, layers }
    const descriptor = await this.addBlob(MEDIA.manifest, Buffer.from(JSON.stringify(manifest)))
    for (const tag of ['latest', ...(image.tags ?? [])]) {
      const annotations = {
        'io.containerd.image.name': `docker.io/library/${image.name}:${tag}`,
        'org.opencontainers.image.ref.name': tag,
      }
      this.manifests.push({ ...descriptor, platform: PLATFORM, annotations })
    }
  }

  /** Writes the files that make the folder a layout; call it last. */
  async finish(): Promise<void> {
    await writeFile(join(this.dir, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}')
    const index = { schemaVersion: 2, mediaType: MEDIA.index, manifests: this.manifests }
    await writeFile(join(this.dir, 'index.json'), JSON.stringify(index))
  }

  private async addBlob(mediaType: string, bytes: Buffer): Promise<Descriptor> {
    const hex = sha256(bytes)
    await mkdir(join(this.dir, 'blobs/sha256'), { recursive: true })
    await writeFile(join(this.dir, 'blobs/sha256', hex), bytes)
    return { mediaType, digest: `sha256:${hex}`, size: bytes.length }
  }
}

/** https://github.com/opencontainers/image-spec/blob/main/config.md */
function imageConfig({ layers, config, created }: Image) {
  const date = new Date(created * 1000).toISOString().replace('.000Z', 'Z')
  const settings = describeSettings(config).map((createdBy) => ({
    created: date,
    created_by: createdBy,
    empty_layer: true,
  }))
  return {
    created: date,
    ...PLATFORM,
    config,
    rootfs: { type: 'layers', diff_ids: layers.map(({ diffId }) => diffId) },
    history: [...layers.map(({ createdBy }) => ({ created: date, created_by: createdBy })), ...settings],
  }
}

/** The instructions of a Dockerfile that would have set this configuration. */
function describeSettings(config: OciExecutionConfig): string[] {
  const list = (values: string[]) => `[${values.map((value) => JSON.stringify(value)).join(' ')}]`
  const keys = (set: Record<string, unknown> | undefined) => Object.keys(set ?? {})
  return [
    ...(config.Env ?? []).filter((entry) => !entry.startsWith('PATH=')).map((entry) => `ENV ${entry}`),
    ...keys(config.Volumes).map((path) => `VOLUME ${path}`),
    ...(config.WorkingDir ? [`WORKDIR ${config.WorkingDir}`] : []),
    ...keys(config.ExposedPorts).map((port) => `EXPOSE ${port}`),
    ...(config.StopSignal ? [`STOPSIGNAL ${config.StopSignal}`] : []),
    ...(config.Entrypoint ? [`ENTRYPOINT ${list(config.Entrypoint)}`] : []),
    ...(config.Cmd ? [`CMD ${list(config.Cmd)}`] : []),
  ]
}
