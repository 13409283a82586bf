/** What a machine needs without a network: fetched, counted, checked, and fetched for a newer release. */
import { EngineError } from '../../../guest/protocol/errors.ts'
import { Catalogue } from '../catalogue/catalogue.ts'
import type { CatalogueImage, LayerDescriptor, SiteFiles } from '../catalogue/catalogue.ts'
import type { Content } from '../content-service/content-service.ts'
import { prefetchImages } from '../content-service/layer-provider.ts'
import { sizeOf, type Release } from '../release/release.ts'
import { verifyDigest } from '../storage/digest.ts'
import type { KeyValueStore } from '../storage/key-value-store.ts'
import type { ChunkedTree } from '../trees/chunked-tree.ts'
import { StoredChunks } from '../trees/stored-chunks.ts'
import { MANIFEST_PATH, parseManifest } from '../vm/manifest.ts'
import { KeptSite } from './kept-site.ts'
import type { DamagedFile, OfflineSurvey, OnBytes } from './machine-api.ts'
import type { Pace } from './pace.ts'
import { SharedProgress } from './shared-progress.ts'

export interface OfflineParts {
  trees: ReadonlyMap<string, Pick<ChunkedTree, 'prefetch' | 'verify' | 'missing' | 'size'>>
  content: Pick<Content, 'catalogue' | 'puller' | 'store'>
  /** Undefined where the files of the site are not kept. */
  kept: KeptSite | undefined
}

export class OfflineContent {
  readonly #parts: OfflineParts

  constructor(parts: OfflineParts) {
    this.#parts = parts
  }

  /** Fetches what is missing; rejects on the first that fails, or with the signal's reason. */
  async prefetch(
    images: string[] | undefined,
    onProgress: OnBytes,
    pace: Pace,
    signal: AbortSignal,
  ): Promise<void> {
    const { trees, content, kept } = this.#parts
    const progress = new SharedProgress(onProgress)
    const fetchTrees = Array.from(trees.values(), (tree) => {
      const report = progress.part()
      return tree.prefetch(({ loaded, total }) => report(loaded, total), { pace, signal })
    })
    const fetchImages = prefetchImages(content, images, progress.part(), pace, signal)
    await Promise.all([...fetchTrees, fetchImages, kept && fetchFiles(kept, progress.part(), pace, signal)])
  }

  async survey(): Promise<OfflineSurvey> {
    const { trees, kept } = this.#parts
    const files = kept?.files ?? []
    const keptFiles = await Promise.all(files.map((file) => kept!.has(file, false)))
    const sum = (count: (tree: Pick<ChunkedTree, 'missing' | 'size'>) => number): number =>
      Array.from(trees.values(), count).reduce((whole, bytes) => whole + bytes, 0)
    return {
      system: {
        size: sizeOf(files) + sum((tree) => tree.size()),
        missing: sizeOf(files.filter((_, index) => !keptFiles[index])) + sum((tree) => tree.missing()),
      },
      images: await Promise.all((await this.#images()).map((image) => this.#surveyImage(image))),
    }
  }

  /** Compares all that is kept with its digests; a damaged copy counts as missing from then on. */
  async check(onProgress: OnBytes): Promise<DamagedFile[]> {
    const { trees, kept } = this.#parts
    const chunks = Array.from(trees.values(), (tree) => tree.size() - tree.missing())
    let total = sizeOf([...(kept?.files ?? []), ...chunks.map((size) => ({ size }))])
    let checked = 0
    const add = (bytes: number): void => onProgress((checked += bytes), total)
    // First the files: whoever reads one that is damaged fetches it anew, and nobody would be told.
    const damaged = kept ? await checkFiles(kept, add) : []
    for (const tree of trees.values()) for (const file of await tree.verify(add)) damaged.push({ file })
    const { images } = await this.survey()
    total += sizeOf(images.flatMap(({ layers }) => layers.filter((layer) => layer.kept)))
    return [...damaged, ...(await this.#checkLayers(add))]
  }

  /** Fetches a newer release: its files, its chunks, and its images of the names that are kept of this one. */
  async fetchRelease(
    release: Release,
    { site, keyValues }: { site: SiteFiles; keyValues: KeyValueStore },
    onProgress: OnBytes,
    signal: AbortSignal,
  ): Promise<void> {
    const newer = new KeptSite(site, keyValues, release)
    const progress = new SharedProgress(onProgress)
    await fetchFiles(newer, progress.part(), atOnce, signal)
    await fetchChunks(newer, new StoredChunks(keyValues), progress.part(), signal)
    const { catalogue, puller, store } = this.#parts.content
    const cached = {
      blob: async (digest: LayerDescriptor['digest']) =>
        (await store.blobs.get(digest)) && store.blobs.readAll(digest),
      index: (read: () => Promise<Uint8Array>) => read(),
    }
    const newerCatalogue = new Catalogue(newer, cached)
    const offered = new Set((await newerCatalogue.images()).map(({ reference }) => reference))
    const kept = await Promise.all((await catalogue.distinct()).map((image) => this.#surveyImage(image)))
    const wanted = kept.filter(
      ({ layers, reference }) => layers.every((layer) => layer.kept) && offered.has(reference),
    )
    const names = wanted.map(({ reference }) => reference)
    await prefetchImages({ catalogue: newerCatalogue, puller }, names, progress.part(), atOnce, signal)
  }

  /** Each image under the first of its names; none when the list is neither kept nor reached. */
  #images(): Promise<CatalogueImage[]> {
    return this.#parts.content.catalogue.distinct()
  }

  async #surveyImage(image: CatalogueImage): Promise<OfflineSurvey['images'][number]> {
    const { catalogue, store } = this.#parts.content
    const { layers } = await catalogue.describe(image)
    const kept = await Promise.all(layers.map(({ diffId }) => store.layers.get(diffId)))
    const described = layers.map(({ digest, size }, index) => ({
      ...{ id: digest, size },
      kept: kept[index] !== undefined,
    }))
    return { reference: image.reference, layers: described }
  }

  async #checkLayers(onChecked: (bytes: number) => void): Promise<DamagedFile[]> {
    const { catalogue, store } = this.#parts.content
    const damaged: DamagedFile[] = []
    const seen = new Set<string>()
    for (const image of await this.#images()) {
      for (const { digest, diffId, size } of (await catalogue.describe(image)).layers) {
        if (seen.has(diffId) || (await store.layers.get(diffId)) === undefined) continue
        seen.add(diffId)
        if (!(await this.#isWhole(diffId))) {
          damaged.push({ file: digest, image: image.reference })
          await store.layers.delete(diffId)
        }
        onChecked(size)
      }
    }
    return damaged
  }

  async #isWhole(diffId: LayerDescriptor['diffId']): Promise<boolean> {
    const { layers } = this.#parts.content.store
    try {
      const record = await layers.get(diffId)
      if (record !== undefined) await layers.entries(record)
      for await (const _ of layers.readTar(diffId));
      return true
    } catch (thrown) {
      const error = EngineError.from(thrown)
      if (error.code === 'corrupt') return false
      throw error
    }
  }
}

const atOnce: Pace = () => Promise.resolve()

async function fetchFiles(kept: KeptSite, onBytes: OnBytes, pace: Pace, signal: AbortSignal): Promise<void> {
  const has = await Promise.all(kept.files.map((file) => kept.has(file, false)))
  const missing = kept.files.filter((_, index) => !has[index])
  const total = sizeOf(missing)
  let loaded = 0
  onBytes(loaded, total)
  for (const file of missing) {
    await pace()
    signal.throwIfAborted()
    await kept.keep(file, signal)
    onBytes((loaded += file.size), total)
  }
}

async function checkFiles(kept: KeptSite, onChecked: (bytes: number) => void): Promise<DamagedFile[]> {
  const damaged: DamagedFile[] = []
  for (const file of kept.files) {
    if ((await kept.has(file, false)) && !(await kept.has(file, true))) {
      damaged.push({ file: file.path })
      await kept.drop(file)
    }
    onChecked(file.size)
  }
  return damaged
}

/** The chunks that the manifest of a release names and that no earlier one had. */
async function fetchChunks(
  site: KeptSite,
  chunks: StoredChunks,
  onBytes: OnBytes,
  signal: AbortSignal,
): Promise<void> {
  const { files } = parseManifest(await site.read(MANIFEST_PATH))
  const stored = new Set(await chunks.names())
  const missing = files.filter(({ path }) => isChunk(path) && !stored.has(chunkName(path)))
  const total = sizeOf(missing)
  let loaded = 0
  onBytes(loaded, total)
  for (const { path, size, sha256 } of missing) {
    const bytes = await site.read(path, signal)
    await verifyDigest(bytes, `sha256:${sha256}`, path)
    await chunks.put(chunkName(path), bytes)
    onBytes((loaded += size), total)
  }
}

const isChunk = (path: string): boolean => /^guest\/system\/[^/]+\/[0-9a-f]{32}\.gz$/.test(path)
const chunkName = (path: string): string => path.slice(path.lastIndexOf('/') + 1)
