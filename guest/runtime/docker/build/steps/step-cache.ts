/**
 * The classic builder's cache: an image that this engine built on the same parent by the same step, the newest of
 * several; with `--cache-from`, an image whose history goes on as the build does. After the first miss of a stage, the
 * stage's other steps miss, too. Source: moby image/cache/cache.go.
 */
import type { Digest, ImageRecord, OciImageConfig } from '../../../../protocol/api/content.ts'
import type { BuildHost, BuildStep } from '../build-host.ts'
import { storedConfig, type RunConfig } from '../run-config.ts'
import { stepKey } from './step-key.ts'

export interface StepCache {
  /** Begins a new stage. */
  reset(): Promise<void>
  /**
   * Looks for the image of a step.
   * @param step the configuration that identifies the step
   * @param result the configuration of its image
   */
  probe(parent: ImageRecord | undefined, step: RunConfig, result: RunConfig): Promise<ImageRecord | undefined>
}

/** The cache of a build with `--no-cache`. */
export const NO_CACHE: StepCache = {
  reset: () => Promise.resolve(),
  probe: () => Promise.resolve(undefined),
}

const time = ({ config }: ImageRecord) => Date.parse(config.created ?? '') || 0

export class LocalStepCache implements StepCache {
  readonly #host: BuildHost
  readonly #cacheFrom: readonly string[]
  #images: ImageRecord[] = []
  #sources: ImageRecord[] = []
  #missed = false

  /** @param cacheFrom references of images to take steps from; empty for all images that were built here */
  constructor(host: BuildHost, cacheFrom: readonly string[]) {
    this.#host = host
    this.#cacheFrom = cacheFrom
  }

  async reset(): Promise<void> {
    this.#missed = false
    this.#images = await this.#host.images()
    this.#sources = await this.#host.localImages(this.#cacheFrom)
  }

  async probe(
    parent: ImageRecord | undefined,
    step: RunConfig,
    result: RunConfig,
  ): Promise<ImageRecord | undefined> {
    if (this.#missed) return undefined
    const found = await this.#find(parent, step, result)
    this.#missed = found === undefined
    return found
  }

  async #find(
    parent: ImageRecord | undefined,
    step: RunConfig,
    result: RunConfig,
  ): Promise<ImageRecord | undefined> {
    const local = this.#builtHere(parent?.id ?? '', stepKey(step))
    if (this.#cacheFrom.length === 0) return local
    if (local && this.#sources.some((source) => this.#descends(source, local.id))) return local
    return this.#fromHistory(parent, step, result)
  }

  #builtHere(parent: string, key: string): ImageRecord | undefined {
    return this.#images
      .filter(({ built }) => built?.parent === parent && built.key === key)
      .reduce<ImageRecord | undefined>(
        (newest, image) => (newest && time(newest) >= time(image) ? newest : image),
        undefined,
      )
  }

  #descends({ built }: ImageRecord, ancestor: Digest): boolean {
    if (!built?.parent) return false
    if (built.parent === ancestor) return true
    const parent = this.#images.find(({ id }) => id === built.parent)
    return parent !== undefined && this.#descends(parent, ancestor)
  }

  async #fromHistory(
    parent: ImageRecord | undefined,
    step: RunConfig,
    result: RunConfig,
  ): Promise<ImageRecord | undefined> {
    const depth = parent?.config.history?.length ?? 0
    const source = this.#sources.find(
      (image) =>
        continues(image, parent) && image.config.history?.[depth]?.created_by === step.Cmd?.join(' '),
    )
    if (!source) return undefined
    if (source.config.history!.length - 1 === depth) return source
    // From here on only this source counts: a build must not change to another source's history midway.
    this.#sources = [source]
    const key: BuildStep = { parent: parent?.id ?? '', key: stepKey(step) }
    return this.#restore(source, depth, result, key)
  }

  /** Makes the image again, from the source's layers, that this step of the source's history led to. */
  #restore(source: ImageRecord, depth: number, result: RunConfig, step: BuildStep): Promise<ImageRecord> {
    const history = source.config.history!.slice(0, depth + 1)
    const layers = source.layers.slice(0, history.filter(({ empty_layer }) => !empty_layer).length)
    const { architecture, os, author } = source.config
    const created = history.at(-1)!.created
    const config: OciImageConfig = {
      ...{ architecture, os, history, config: storedConfig(result) },
      ...(created !== undefined && { created }),
      ...(author !== undefined && { author }),
      rootfs: { type: 'layers', diff_ids: layers.map(({ diffId }) => diffId) },
    }
    return this.#host.createImage(
      config,
      layers.map(({ digest }) => digest),
      step,
    )
  }
}

/** Whether the image's layers and history begin with the parent's. */
function continues(image: ImageRecord, parent: ImageRecord | undefined): boolean {
  const own = image.config.history ?? []
  if (own.length === 0) return false
  const history = parent?.config.history ?? []
  const layers = parent?.layers ?? []
  if (history.length === 0 && layers.length === 0) return true
  return (
    history.length < own.length &&
    history.every((step, index) => JSON.stringify(step) === JSON.stringify(own[index])) &&
    layers.every(({ diffId }, index) => image.layers[index]?.diffId === diffId)
  )
}
