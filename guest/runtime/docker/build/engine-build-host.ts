/** Implements BuildHost with the engine's own services. */
import type {
  Digest,
  ImageRecord,
  OciImageConfig,
  RegistryCredentials,
} from '../../../protocol/api/content.ts'
import type { ContainerCreateRequest } from '../../../protocol/api/engine-api.ts'
import { EngineError } from '../../../protocol/errors.ts'
import { isEmptyLayer, storeUpperLayer } from '../layer/store-layer.ts'
import { tarFile } from '../../host/files/archive-bytes.ts'
import { formatTime } from '../../host/clock.ts'
import { RootedTree } from '../../host/files/rooted-tree.ts'
import type { ImageService } from '../image/image-service.ts'
import { parseReference } from '../../../vocabulary/image-reference.ts'
import type { EngineContext } from '../state/context.ts'
import { createContainer } from '../container/create-container.ts'
import { removeContainer } from '../container/remove-container.ts'
import type {
  BuildHost,
  BuildStep,
  Download,
  ImageQuery,
  ImageUse,
  LayerBlob,
  LayerUse,
} from './build-host.ts'
import type { BuildOutput } from './build-output.ts'
import type { BuildWorkspace } from './build-workspace.ts'
import type { ChecksumCache } from './steps/copy-sources.ts'
import { formatPlatform, parsePlatform } from '../../../vocabulary/platform.ts'
import { runStep } from './steps/run-step.ts'

export interface BuildHostDeps {
  context: EngineContext
  images: ImageService
  workspace: BuildWorkspace
  /** Checksums of images' files, kept from build to build. */
  checksums: Map<Digest, ChecksumCache>
  credentials(registry: string): RegistryCredentials | undefined
  signal: AbortSignal
}

const layersOf = (image: ImageRecord | undefined): Digest[] =>
  (image?.layers ?? []).map(({ diffId }) => diffId).reverse()

export class EngineBuildHost implements BuildHost {
  readonly #deps: BuildHostDeps

  constructor(deps: BuildHostDeps) {
    this.#deps = deps
  }

  async #local(reference: string): Promise<ImageRecord | undefined> {
    try {
      return await this.#deps.images.find(reference)
    } catch (thrown) {
      if (EngineError.from(thrown).code === 'not-found') return undefined
      throw thrown
    }
  }

  async image(reference: string, query: ImageQuery, output: BuildOutput): Promise<ImageRecord> {
    if (reference === 'scratch') throw new EngineError('invalid', "'scratch' is a reserved name")
    const { domain } = parseReferenceOrId(reference)
    const local = query.pull ? undefined : await this.#local(reference)
    if (local && (query.platform === '' || samePlatform(local, query.platform))) return local
    const auth = this.#deps.credentials(domain)
    const platform = query.platform === '' ? undefined : parsePlatform(query.platform)
    const options = { reference, ...(auth && { auth }), ...(platform && { platform }) }
    const lines = this.#deps.images.pull(options, this.#deps.signal)
    for await (const line of lines) await output.write(line)
    return this.#deps.images.find(reference)
  }

  images(): Promise<ImageRecord[]> {
    return this.#deps.images.all()
  }

  async localImages(references: readonly string[]): Promise<ImageRecord[]> {
    const found = await Promise.all(references.map((reference) => this.#local(reference)))
    return found.filter((image) => image !== undefined)
  }

  async create(request: ContainerCreateRequest): Promise<{ id: string; warnings: string[] }> {
    const { context, workspace } = this.#deps
    const { Id, Warnings } = await createContainer(context, request, { build: workspace.id })
    return { id: Id, warnings: Warnings }
  }

  run(id: string, output: BuildOutput): Promise<number> {
    const { context, signal } = this.#deps
    return runStep(context, context.containers.find(id), output, signal)
  }

  async makeDirectory(id: string, path: string): Promise<void> {
    const { context, workspace } = this.#deps
    const overlay = `${context.paths.overlay}/${id}`
    const { layers } = context.containers.find(id).record
    const { tree, close } = await workspace.mount(layers, {
      diff: `${overlay}/diff`,
      work: `${overlay}/work`,
    })
    try {
      tree.makeDirectories(tree.resolve(path), 0o755, { uid: 0, gid: 0 })
    } finally {
      await close()
    }
  }

  async layerOf(id: string): Promise<LayerBlob | undefined> {
    const { context } = this.#deps
    const layer = await storeUpperLayer(context, context.containers.find(id))
    return isEmptyLayer(layer) ? undefined : layer
  }

  async remove(id: string): Promise<void> {
    const { context } = this.#deps
    const container = context.containers.byId(id)
    if (container) await removeContainer(context, container, { force: true, volumes: true })
  }

  async createImage(config: OciImageConfig, layers: Digest[], built: BuildStep): Promise<ImageRecord> {
    const { context, images } = this.#deps
    const image = await context.content.createImage(config, layers, undefined, built)
    images.added(image)
    context.events.publish('image', 'create', image.id, { name: image.id })
    return image
  }

  async openImage(image: ImageRecord | undefined): Promise<ImageUse> {
    const use = await this.#deps.workspace.mount(layersOf(image))
    return { ...use, checksums: this.#checksumsOf(image) }
  }

  #checksumsOf(image: ImageRecord | undefined): ChecksumCache {
    if (!image) return new Map()
    const { checksums } = this.#deps
    const known = checksums.get(image.id) ?? new Map<string, string>()
    checksums.set(image.id, known)
    return known
  }

  async openLayer(image: ImageRecord | undefined): Promise<LayerUse> {
    const { context, workspace } = this.#deps
    const scratch = await workspace.scratch()
    const { tree, close } = await workspace.mount(layersOf(image), scratch)
    return {
      tree,
      close,
      commit: async () => {
        const layer = await storeUpperLayer(context, scratch.diff)
        return isEmptyLayer(layer) ? undefined : layer
      },
      unpack: (from, archive, to) => workspace.unpack(tree, to, tarFile(from.path(archive))),
    }
  }

  async download(url: string, output: BuildOutput): Promise<Download> {
    const { workspace, context, signal } = this.#deps
    const directory = await workspace.makeDirectory('download')
    const { downloadFile } = await import('../../host/files/download-file.ts')
    const name = await downloadFile(url, directory, signal, (current, total) =>
      output.write({ status: 'Downloading', progressDetail: { current, ...(total && { total }) } }),
    )
    await output.stdout('\n')
    return {
      ...{ tree: new RootedTree(directory), path: `/${name ?? UNNAMED}`, named: name !== undefined },
      close: () => context.files.removeTree(directory),
    }
  }

  async writeScript(name: string, content: string): Promise<string> {
    const { workspace, context } = this.#deps
    const path = `${await workspace.makeDirectory('script')}/${name}`
    await context.files.writeAtomically(path, content, 0o755)
    return path
  }

  now(): string {
    return formatTime(this.#deps.context.clock.now())
  }
}

const UNNAMED = '__unnamed__'

/** Parses a reference; an id has no registry to ask. */
function parseReferenceOrId(reference: string): { domain: string } {
  return /^(sha256:)?[0-9a-f]{64}$/.test(reference) ? { domain: '' } : parseReference(reference)
}

const samePlatform = ({ config }: ImageRecord, platform: string) =>
  formatPlatform({ os: config.os, architecture: config.architecture }) === platform
