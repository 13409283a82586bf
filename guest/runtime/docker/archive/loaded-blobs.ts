/**
 * Puts the members of an image archive into the content store: layers are unpacked there, documents stay here until
 * they are read.
 */
import type { Digest, ImageRecord } from '../../../protocol/api/content.ts'
import { EngineError } from '../../../protocol/errors.ts'
import { joined, tarOf } from '../../host/files/archive-bytes.ts'
import { compressionOf, type Compression } from '../../../vocabulary/compression.ts'
import { isTarHeader, TAR_BLOCK } from '../../../vocabulary/tar/header.ts'
import type { ContentClient } from '../../host/channel/content-client.ts'
import { cleanName, type ImageMember } from './image-members.ts'

export interface LoadedLayer {
  digest: Digest
  diffId: Digest
}

/** Configurations and manifests are some kilobytes; Docker's own limit for a manifest is 4 MiB. */
const DOCUMENT_LIMIT = 8 << 20
const LAYER_TYPE = 'application/vnd.oci.image.layer.v1.tar'
const PROGRESS_STEP = 512 * 1024

export type OnLayer = (name: string, current: number, total: number) => void

const blobDigest = (name: string): Digest | undefined => {
  const hex = /^blobs\/sha256\/([0-9a-f]{64})$/.exec(name)?.[1]
  return hex === undefined ? undefined : `sha256:${hex}`
}

/** The directory of `base` joined with a relative path; links of an archive lead nowhere else. */
function joinPath(base: string, link: string): string {
  const parts = link.startsWith('/') ? [] : base.split('/').slice(0, -1)
  for (const part of link.split('/')) {
    if (part === '..') parts.pop()
    else if (part !== '' && part !== '.') parts.push(part)
  }
  return parts.join('/')
}

export class LoadedBlobs {
  readonly #content: ContentClient
  readonly #onLayer: OnLayer
  readonly #layers = new Map<string, LoadedLayer>()
  readonly #documents = new Map<string, Uint8Array>()
  readonly #links = new Map<string, string>()
  /** Layers that the store already has, so their bytes need not be sent again. */
  readonly #known = new Map<Digest, LoadedLayer>()

  constructor(content: ContentClient, images: readonly ImageRecord[], onLayer: OnLayer) {
    this.#content = content
    this.#onLayer = onLayer
    for (const { layers } of images)
      for (const { digest, diffId } of layers) this.#known.set(digest, { digest, diffId })
  }

  /**
   * Takes one member in.
   * @throws EngineError of the store: the layer is damaged or dangerous, or there is no room
   */
  async take(member: ImageMember): Promise<void> {
    const { name, type, link } = member
    if (type === 'symlink') this.#links.set(name, joinPath(name, link))
    // A hard link names its target from the archive's root, whatever folder the link is in.
    if (type === 'hardlink') this.#links.set(name, cleanName(link))
    if (type !== 'file' || member.size === 0) return
    const digest = blobDigest(name)
    const known = digest && this.#known.get(digest)
    if (known) return void this.#layers.set(name, known)
    const content = member.content()[Symbol.asyncIterator]()
    const first: Uint8Array[] = []
    for (let have = 0; have < Math.min(TAR_BLOCK, member.size);) {
      const next = await content.next()
      if (next.done) break
      first.push(next.value)
      have += next.value.length
    }
    const head = Buffer.concat(first)
    const rest = { head, rest: content }
    // The content decides, as a name says nothing. A file that is neither a layer nor JSON, such as the VERSION of old
    // archives, is passed over.
    if (compressionOf(head) !== 'none' || isTarHeader(head))
      this.#layers.set(name, await this.#layer(member, rest, digest))
    else if (/^[{[]/.test(head.toString('latin1', 0, 1)))
      this.#documents.set(name, await this.#document(member, rest))
  }

  async #document(member: ImageMember, bytes: Opened): Promise<Uint8Array> {
    if (member.size > DOCUMENT_LIMIT)
      throw new EngineError('too-large', `${member.name} of the archive has ${member.size} bytes`)
    const chunks: Uint8Array[] = []
    for await (const chunk of joined(bytes.head, bytes.rest)) chunks.push(chunk)
    return Buffer.concat(chunks)
  }

  async #layer(member: ImageMember, bytes: Opened, expected: Digest | undefined): Promise<LoadedLayer> {
    const counted = this.#counted(member, bytes)
    const { digest, diffId } = await this.#ingest(compressionOf(bytes.head), counted, expected)
    if (diffId === undefined) throw new EngineError('internal', `${member.name} was not stored as a layer`)
    const layer = { digest, diffId }
    this.#known.set(digest, layer)
    return layer
  }

  /** Stores a layer. The store unpacks gzip alone, so a layer of another compression is kept as its tar. */
  #ingest(compression: Compression, bytes: AsyncIterable<Uint8Array>, expected: Digest | undefined) {
    if (compression === 'gzip') return this.#content.ingest(`${LAYER_TYPE}+gzip`, bytes, expected)
    if (compression === 'none') return this.#content.ingest(LAYER_TYPE, bytes, expected)
    return this.#content.ingest(LAYER_TYPE, tarOf(bytes))
  }

  async *#counted({ name, size }: ImageMember, bytes: Opened): AsyncGenerator<Uint8Array> {
    let current = 0
    let told = 0
    for await (const chunk of joined(bytes.head, bytes.rest)) {
      yield chunk
      current += chunk.length
      if (current - told < PROGRESS_STEP && current < size) continue
      told = current
      this.#onLayer(name, current, size)
    }
  }

  #resolved(name: string): string {
    let path = name
    for (let links = 0; this.#links.has(path); links++) {
      if (links > 255) throw new EngineError('invalid', `too many links in the archive: ${name}`)
      path = this.#links.get(path)!
    }
    return path
  }

  layer(name: string): LoadedLayer | undefined {
    return this.#layers.get(this.#resolved(name))
  }

  document(name: string): Uint8Array | undefined {
    return this.#documents.get(this.#resolved(name))
  }

  /** The document of a layout's blob, by digest; undefined when the archive has no such document. */
  blob(digest: string): Uint8Array | undefined {
    return this.document(`blobs/${digest.replace(':', '/')}`)
  }

  blobLayer(digest: string): LoadedLayer | undefined {
    return this.layer(`blobs/${digest.replace(':', '/')}`)
  }
}

interface Opened {
  head: Uint8Array
  rest: AsyncIterator<Uint8Array>
}
