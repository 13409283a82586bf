/* eslint svelte/prefer-svelte-reactivity: off -- the plain maps and sets here are bookkeeping that nothing draws */
import type {
  CatalogueEntry,
  EngineEvent,
  ImageHistoryItem,
  ImageInspect,
  ImageSummary,
} from '../../../../guest/protocol/api/engine-api.ts'
import { EngineError } from '../../../../guest/protocol/errors.ts'
import { Refresher } from '../../../../guest/vocabulary/refresher.ts'
import type { EngineClient } from '../../client/engine-client.ts'
import { layersOf, type LayerOwner, type LayerView } from './image-layers.ts'
import { PullProgressState } from './pull-progress.ts'

export interface ImageView {
  id: string
  /** `busybox:latest`, or undefined for an image without a tag. */
  tags: string[]
  created: number
  size: number
  digests: readonly string[]
}

/** The engine's images and those that can be pulled, kept up to date by the engine's events. */
export class ImagesState {
  list = $state.raw<ImageView[]>([])
  catalogue = $state.raw<CatalogueEntry[]>([])
  loaded = $state(false)
  pulls = $state<Record<string, PullProgressState | undefined>>({})
  error = $state.raw<EngineError>()
  private readonly client: EngineClient
  private readonly inspected = new Map<string, ImageInspect>()
  private readonly histories = new Map<string, Promise<ImageHistoryItem[]>>()
  private readonly refresher = new Refresher(() => this.refresh())

  constructor(client: EngineClient) {
    this.client = client
  }

  /** Images of the catalogue that the engine doesn't have. */
  readonly pullable = $derived(
    this.catalogue.filter(({ reference }) => {
      const tag = shortReference(reference)
      return !this.list.some((image) => image.tags.includes(tag))
    }),
  )

  async reload(): Promise<void> {
    try {
      this.catalogue = await this.client.images.catalogue()
      await this.refresher.request()
    } catch (thrown) {
      this.error = EngineError.from(thrown)
    }
  }

  async onEvent(event: EngineEvent): Promise<void> {
    if (event.Type !== 'image') return
    try {
      await this.refresher.request()
    } catch (thrown) {
      this.error = EngineError.from(thrown)
    }
  }

  /** The layers of an image, lowest first, each with the images and the given containers that share it. */
  async layers(id: string, containers: { name: string; imageId: string }[]): Promise<LayerView[]> {
    const inspect = this.inspected.get(id)
    if (!inspect) return []
    const history = this.histories.get(id) ?? this.client.images.history(id)
    this.histories.set(id, history)
    const owners: LayerOwner[] = [
      ...this.list.map((image) => ({ kind: 'image' as const, name: imageName(image), image: image.id })),
      ...containers.map(({ name, imageId }) => ({ kind: 'container' as const, name, image: imageId })),
    ]
    const digestsOf = new Map(this.list.map((image) => [image.id, image.digests]))
    return layersOf(inspect, await history, owners, digestsOf)
  }

  inspect(id: string): ImageInspect | undefined {
    return this.inspected.get(id)
  }

  async pull(reference: string): Promise<void> {
    this.error = undefined
    this.pulls[reference] = new PullProgressState()
    try {
      for await (const line of this.client.images.pull(reference)) {
        this.pulls[reference] = this.pulls[reference]!.with(line)
      }
      await this.refresher.request()
    } catch (thrown) {
      this.error = EngineError.from(thrown)
    } finally {
      delete this.pulls[reference]
    }
  }

  async remove(id: string): Promise<void> {
    this.error = undefined
    try {
      await this.client.images.remove(id)
    } catch (thrown) {
      this.error = EngineError.from(thrown)
    }
  }

  private async refresh(): Promise<void> {
    const summaries = await this.client.images.list()
    const known = new Set(summaries.map(({ Id }) => Id))
    for (const id of this.inspected.keys()) if (!known.has(id)) this.forget(id)
    for (const { Id } of summaries) {
      if (!this.inspected.has(Id)) this.inspected.set(Id, await this.client.images.inspect(Id))
    }
    this.list = summaries.map((summary) => imageView(summary, this.inspected.get(summary.Id)))
    this.loaded = true
  }

  private forget(id: string): void {
    this.inspected.delete(id)
    this.histories.delete(id)
  }
}

function imageView(summary: ImageSummary, inspect: ImageInspect | undefined): ImageView {
  return {
    id: summary.Id,
    tags: summary.RepoTags ?? [],
    created: summary.Created,
    size: summary.Size,
    digests: inspect?.RootFS.Layers ?? [],
  }
}

/** The name by which people call the image: its first tag, or the short id. */
export function imageName(image: Pick<ImageView, 'id' | 'tags'>): string {
  return image.tags[0] ?? image.id.replace('sha256:', '').slice(0, 12)
}

/** `docker.io/library/busybox:latest` → `busybox:latest`, as Docker shows it. */
export function shortReference(reference: string): string {
  const short = reference.replace(/^docker\.io\//, '').replace(/^library\//, '')
  return /[:@][^/]*$/.test(short) ? short : `${short}:latest`
}
