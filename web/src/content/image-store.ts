/** Images and the names that point at them. */
import type {
  BuildStep,
  Digest,
  ImageLayer,
  ImageRecord,
  OciImageConfig,
} from '../../../guest/protocol/api/content.ts'
import { EngineError } from '../../../guest/protocol/errors.ts'
import type { KeyValueStore } from '../storage/key-value-store.ts'

export interface StoredImage {
  /** Digest of the configuration. */
  id: Digest
  manifestDigest: Digest
  config: OciImageConfig
  layers: ImageLayer[]
  built?: BuildStep
}

export interface StoredReference {
  id: Digest
  manifestDigest: Digest
}

const imageKey = (id: Digest): string => `image/${id}`
const referenceKey = (reference: string): string => `ref/${reference}`

export class ImageStore {
  private readonly store: KeyValueStore

  constructor(store: KeyValueStore) {
    this.store = store
  }

  async get(id: Digest): Promise<StoredImage | undefined> {
    return (await this.store.get(imageKey(id))) as StoredImage | undefined
  }

  async list(): Promise<StoredImage[]> {
    const keys = await this.store.keys('image/')
    return (await Promise.all(keys.map((key) => this.store.get(key)))) as StoredImage[]
  }

  /** Adds the image and, in the same step, points the reference at it. */
  async put(image: StoredImage, reference?: string): Promise<void> {
    const pointer: StoredReference = { id: image.id, manifestDigest: image.manifestDigest }
    const named: [string, unknown][] = reference === undefined ? [] : [[referenceKey(reference), pointer]]
    await this.store.setMany([[imageKey(image.id), image], ...named])
  }

  async references(): Promise<Map<string, StoredReference>> {
    const keys = await this.store.keys('ref/')
    const values = (await Promise.all(keys.map((key) => this.store.get(key)))) as StoredReference[]
    return new Map(keys.map((key, index) => [key.slice('ref/'.length), values[index]!]))
  }

  async reference(reference: string): Promise<StoredReference | undefined> {
    return (await this.store.get(referenceKey(reference))) as StoredReference | undefined
  }

  /** Rejects with EngineError `not-found` when the store has no such image. */
  async tag(id: Digest, reference: string): Promise<void> {
    const image = await this.require(id)
    await this.put(image, reference)
  }

  async untag(reference: string): Promise<void> {
    await this.store.deleteMany([referenceKey(reference)])
  }

  async delete(id: Digest): Promise<void> {
    const names = [...(await this.references())].filter(([, pointer]) => pointer.id === id)
    await this.store.deleteMany([imageKey(id), ...names.map(([name]) => referenceKey(name))])
  }

  async records(): Promise<ImageRecord[]> {
    const references = await this.references()
    return (await this.list()).map((image) => withReferences(image, references))
  }

  async record(id: Digest): Promise<ImageRecord> {
    return withReferences(await this.require(id), await this.references())
  }

  private async require(id: Digest): Promise<StoredImage> {
    const image = await this.get(id)
    if (image === undefined) throw new EngineError('not-found', `No such image: ${id}`, { id })
    return image
  }
}

function withReferences(image: StoredImage, references: ReadonlyMap<string, StoredReference>): ImageRecord {
  const { id, manifestDigest, config, layers, built } = image
  const own = [...references].filter(([, pointer]) => pointer.id === id).map(([name]) => name)
  return { id, manifestDigest, references: own, config, layers, ...(built && { built }) }
}
