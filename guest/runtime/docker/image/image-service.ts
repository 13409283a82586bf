/** Images as the engine sees them: the content store's records, looked up by reference, id or prefix. */
import type { Digest, ImageRecord, Platform } from '../../../protocol/api/content.ts'
import type {
  Filters,
  ImageDeleteItem,
  ImageHistoryItem,
  ImageInspect,
  ImagePruneResponse,
  ImageSummary,
  JsonProgress,
} from '../../../protocol/api/engine-api.ts'
import { EngineError } from '../../../protocol/errors.ts'
import type { ContentClient, PullOptions } from '../../host/channel/content-client.ts'
import { layerDirectories } from '../layer/layered-root.ts'
import type { EnginePaths } from '../../host/engine-paths.ts'
import type { EventSink } from '../events/event-bus.ts'
import { matchImage } from './find-image.ts'
import { hasChildren, withoutIntermediate } from './image-family.ts'
import { listImages, pruneCandidates } from './image-filters.ts'
import { imageHistory, imageInspect, imageSummary, repoTags } from './image-views.ts'
import { checkImagePlatform } from './image-platform.ts'
import { progressStream } from './progress-stream.ts'
import { pullLine } from './pull-progress.ts'
import {
  familiarReference,
  familiarRepository,
  formatReference,
  parseReference,
  refuseAmbiguousTag,
  repoTagReference,
  withDefaultTag,
} from '../../../vocabulary/image-reference.ts'
import { removalPlan, type ImageUser } from './remove-image.ts'

export interface ImageServiceDeps {
  content: ContentClient
  paths: EnginePaths
  publish: EventSink
  now(): bigint
  /** The containers that were made from an image. */
  users(image: Digest): ImageUser[]
}

export class ImageService {
  readonly #deps: ImageServiceDeps
  /** The store's last answer; undefined when it must be asked again. */
  #images: ImageRecord[] | undefined

  constructor(deps: ImageServiceDeps) {
    this.#deps = deps
  }

  /**
   * Forgets the store's last answer: the store may have changed without the engine, by a new page or a restored
   * snapshot.
   */
  invalidate(): void {
    this.#images = undefined
  }

  /** Adds an image that this engine made to the last answer, so that the store need not be asked again. */
  added(image: ImageRecord): void {
    const others = this.#images?.filter(({ id }) => id !== image.id)
    this.#images = others && [...others, image]
  }

  async all(): Promise<ImageRecord[]> {
    this.#images = await this.#deps.content.images()
    return this.#images
  }

  /** Finds an image by reference, id or an id's prefix; asks the store again only for what its last answer lacks. */
  async find(text: string): Promise<ImageRecord> {
    const known = this.#images && matchImage(this.#images, text)
    const image = known ?? matchImage(await this.all(), text)
    if (image) return image
    // A text that is neither a name nor an id is `invalid`, not missing (moby daemon/images/image.go,
    // ParseAnyReference).
    if (!/^(sha256:)?[0-9a-f]{64}$/.test(text)) parseReference(text)
    throw new EngineError('not-found', `No such image: ${displayed(text)}`, { reference: text })
  }

  async #findFor(text: string, platform: Platform | undefined): Promise<ImageRecord> {
    const image = await this.find(text)
    if (platform) checkImagePlatform(text, image, platform)
    return image
  }

  /**
   * Lists images.
   * @param all lists also images that are only steps of others
   */
  async list(filters: Filters, sharedSize: boolean, all: boolean): Promise<ImageSummary[]> {
    const images = await this.all()
    const users = (image: ImageRecord) =>
      this.#deps.users(image.id).filter(({ mounts }) => mounts !== true).length
    const shown = all ? images : withoutIntermediate(images)
    return listImages(shown, filters, this.#deps.now()).map((image) =>
      imageSummary(image, users(image), sharedSize ? sharedBytes(image, images) : undefined),
    )
  }

  /** @throws EngineError `not-found` when the image is for another platform than that asked for */
  async inspect(text: string, platform?: Platform): Promise<ImageInspect> {
    const image = await this.#findFor(text, platform)
    return imageInspect(
      image,
      layerDirectories(this.#deps.paths, image.layers.map(({ diffId }) => diffId).reverse()),
    )
  }

  async history(text: string, platform?: Platform): Promise<ImageHistoryItem[]> {
    const image = await this.#findFor(text, platform)
    return imageHistory(image, this.#images ?? [])
  }

  /**
   * Pulls, yielding Docker's JSON lines; the last one tells whether anything was new.
   * @param signal gives the pull up
   */
  async *pull(options: PullOptions, signal?: AbortSignal): AsyncGenerator<JsonProgress> {
    const reference = withDefaultTag(parseReference(options.reference))
    const full = formatReference(reference)
    // The store is asked anew, since its images before the pull decide whether anything was new. A digest finds an
    // image that came by its tag.
    const before = matchImage(await this.all(), full)?.id
    const { content } = this.#deps
    const pulled = { ...options, reference: full }
    const image = yield* progressStream((report) => content.pull(pulled, report, signal), pullLine)
    this.invalidate()
    const name = familiarReference(reference)
    this.#deps.publish('image', 'pull', name, { name: familiarRepository(reference) })
    yield { status: `Digest: ${image.manifestDigest}` }
    const what = before === image.id ? 'Image is up to date for' : 'Downloaded newer image for'
    yield { status: `Status: ${what} ${name}` }
    if (options.platform) yield* platformWarning(full, image, options.platform)
  }

  async tag(text: string, repository: string, tag: string): Promise<void> {
    const reference = repoTagReference(repository, tag)
    refuseAmbiguousTag(reference)
    const image = await this.find(text)
    await this.#deps.content.tag(image.id, formatReference(reference))
    this.invalidate()
    this.#deps.publish('image', 'tag', image.id, { name: familiarReference(reference) })
  }

  /**
   * Removes an image or a name of it.
   * @param prune removes also the steps that it was built from and that nothing else needs
   */
  async remove(text: string, force: boolean, prune: boolean): Promise<ImageDeleteItem[]> {
    const image = await this.find(text)
    const images = await this.all()
    const plan = removalPlan(image, text, {
      force,
      users: this.#deps.users(image.id),
      children: hasChildren(image, images),
    })
    const items: ImageDeleteItem[] = []
    for (const reference of plan.untag) {
      if (!plan.remove) await this.#deps.content.untag(reference)
      const name = familiarReference(parseReference(reference))
      this.#deps.publish('image', 'untag', image.id, { name })
      items.push({ Untagged: name })
    }
    if (plan.remove) items.push(...(await this.#deleteWithSteps(image, prune ? images : [])))
    this.invalidate()
    return items
  }

  /** Deletes the image, then the unnamed images that it was built from, up to one that something else needs. */
  async #deleteWithSteps(image: ImageRecord, images: readonly ImageRecord[]): Promise<ImageDeleteItem[]> {
    const items = await this.#delete(image)
    const left = images.filter(({ id }) => id !== image.id)
    const parent = left.find(({ id }) => id === image.built?.parent)
    const needed =
      !parent ||
      parent.references.length > 0 ||
      hasChildren(parent, left) ||
      this.#deps.users(parent.id).length > 0
    return needed ? items : [...items, ...(await this.#deleteWithSteps(parent, left))]
  }

  async #delete(image: ImageRecord): Promise<ImageDeleteItem[]> {
    const deleted = new Set(await this.#deps.content.remove(image.id))
    this.#deps.publish('image', 'delete', image.id, { name: image.id })
    // `deleted` names the layers that the store removed; a layer that another image still uses was kept, even when its
    // download was removed.
    const layers = image.layers.filter(({ diffId }) => deleted.has(diffId))
    return [{ Deleted: image.id }, ...layers.reverse().map(({ diffId }) => ({ Deleted: diffId }))]
  }

  async prune(filters: Filters): Promise<ImagePruneResponse> {
    const inUse = (image: ImageRecord) => this.#deps.users(image.id).length > 0
    const items: ImageDeleteItem[] = []
    let reclaimed = 0
    for (const image of pruneCandidates(await this.all(), filters, this.#deps.now(), inUse)) {
      const images = await this.all()
      // An image before may have taken this one along.
      if (!images.some(({ id }) => id === image.id)) continue
      const deleted = await this.#deleteWithSteps(image, images)
      items.push(...repoTags(image).map((name) => ({ Untagged: name })), ...deleted)
      const gone = new Set(deleted.map(({ Deleted }) => Deleted))
      // A layer that another image, a container or the registry still has is not freed.
      for (const { diffId, unpackedSize } of image.layers) if (gone.has(diffId)) reclaimed += unpackedSize
    }
    await this.#deps.content.collect()
    this.invalidate()
    this.#deps.publish('image', 'prune', '', { reclaimed: String(reclaimed) })
    return { ImagesDeleted: items.length > 0 ? items : null, SpaceReclaimed: reclaimed }
  }

  catalogue(): Promise<{ reference: string; size: number }[]> {
    return this.#deps.content.catalogue()
  }
}

/**
 * Warns when a pulled image is not for the platform asked for: an image without a list of platforms is pulled whatever
 * it is for (moby, daemon/images/image_pull.go).
 */
function* platformWarning(name: string, image: ImageRecord, asked: Platform): Generator<JsonProgress> {
  try {
    checkImagePlatform(name, image, asked)
  } catch (thrown) {
    yield { status: `WARNING: ${EngineError.from(thrown).message}` }
  }
}

const displayed = (text: string): string => {
  try {
    return familiarReference(withDefaultTag(parseReference(text)))
  } catch {
    return text
  }
}

function sharedBytes(image: ImageRecord, images: ImageRecord[]): number {
  const others = images.filter(({ id }) => id !== image.id)
  const elsewhere = new Set(others.flatMap(({ layers }) => layers.map(({ diffId }) => diffId)))
  return image.layers
    .filter(({ diffId }) => elsewhere.has(diffId))
    .reduce((sum, { unpackedSize }) => sum + unpackedSize, 0)
}
