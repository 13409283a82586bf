/**
 * A BuildHost without a kernel: every image's files are a directory of their own, a command is a function of the test, and
 * a layer is whatever changed a directory. What is built and copied is real; what runs is not.
 */
import { execFileSync } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Digest, ImageRecord, OciExecutionConfig } from '../../guest/protocol/api/content.ts'
import type { ContainerCreateRequest } from '../../guest/protocol/api/engine-api.ts'
import { EngineError } from '../../guest/protocol/errors.ts'
import type {
  BuildHost,
  BuildStep,
  ImageUse,
  LayerBlob,
  LayerUse,
} from '../../guest/runtime/docker/build/build-host.ts'
import type { BuildOutput } from '../../guest/runtime/docker/build/build-output.ts'
import { RootedTree } from '../../guest/runtime/host/files/rooted-tree.ts'

/** Runs a command of RUN in a directory that is its root. @returns exit code */
export type RunCommand = (
  request: ContainerCreateRequest,
  root: string,
  output: BuildOutput,
) => number | Promise<number>

const digestOf = (text: string): Digest => `sha256:${createHash('sha256').update(text).digest('hex')}`

/** Of all files below a directory: the same files are the same layer. */
function contentOf(directory: string): string {
  const tree = new RootedTree(directory)
  const walk = (path: string): string[] => [
    tree.checksum(path),
    ...(tree.entry(path)!.type === 'directory'
      ? tree.list(path).flatMap((name) => walk(path === '/' ? `/${name}` : `${path}/${name}`))
      : []),
  ]
  return walk('/').join()
}

interface FakeContainer {
  request: ContainerCreateRequest
  base: string
  root: string
}

export class FakeBuildHost implements BuildHost {
  readonly directory = mkdtempSync(join(tmpdir(), 'fake-build-'))
  readonly containers = new Map<string, FakeContainer>()
  /** Images that a build may begin with, by name. */
  readonly named = new Map<string, ImageRecord>()
  readonly created: ContainerCreateRequest[] = []
  readonly pulls: string[] = []
  #images: ImageRecord[] = []
  readonly #trees = new Map<Digest, string>()
  readonly #runCommand: RunCommand
  #time = 0

  constructor(runCommand: RunCommand = () => 0) {
    this.#runCommand = runCommand
  }

  close(): void {
    rmSync(this.directory, { recursive: true })
  }

  now(): string {
    return new Date(1_700_000_000_000 + this.#time++ * 1000).toISOString()
  }

  #scratch(from?: string): string {
    const directory = join(this.directory, randomBytes(8).toString('hex'))
    if (from === undefined) mkdirSync(directory)
    else execFileSync('cp', ['-a', from, directory])
    return directory
  }

  #treeOf(image: ImageRecord | undefined): string {
    const top = image?.layers.at(-1)
    return top ? this.#trees.get(top.diffId)! : this.#scratch()
  }

  #commit(base: string, root: string): LayerBlob | undefined {
    const content = contentOf(root)
    if (content === contentOf(base)) return undefined
    const digest = digestOf(content)
    this.#trees.set(digest, this.#scratch(root))
    return { digest, diffId: digest }
  }

  /** An image of these files, by name. */
  async base(
    name: string,
    files: Record<string, string>,
    config: OciExecutionConfig = {},
  ): Promise<ImageRecord> {
    const root = this.#scratch()
    for (const [path, content] of Object.entries(files)) {
      mkdirSync(join(root, path, '..'), { recursive: true })
      writeFileSync(join(root, path), content)
    }
    const layer = this.#commit(this.#scratch(), root)!
    const image = await this.createImage(
      {
        ...{ architecture: '386', os: 'linux', config, created: this.now() },
        rootfs: { type: 'layers', diff_ids: [layer.diffId] },
        history: [{ created_by: `base ${name}` }],
      },
      [layer.digest],
    )
    this.named.set(name, image)
    return image
  }

  async image(reference: string, { pull }: { pull: boolean }): Promise<ImageRecord> {
    if (pull) this.pulls.push(reference)
    const found = this.named.get(reference) ?? this.#images.find(({ id }) => id === reference)
    if (found) return found
    throw new EngineError(
      'not-found',
      `pull access denied for ${reference}, repository does not exist or may require 'docker login'`,
    )
  }

  async images(): Promise<ImageRecord[]> {
    return this.#images
  }

  async localImages(references: readonly string[]): Promise<ImageRecord[]> {
    return references.map((name) => this.named.get(name)).filter((image) => image !== undefined)
  }

  /** As if it had come from elsewhere: nothing is known of how it was built. */
  forget(image: ImageRecord): ImageRecord {
    const { built: _, ...rest } = image
    this.#images = this.#images.filter(({ built }) => built === undefined)
    this.#images.push(rest)
    return rest
  }

  async create(request: ContainerCreateRequest): Promise<{ id: string; warnings: string[] }> {
    this.created.push(request)
    const id = randomBytes(32).toString('hex')
    const base = this.#treeOf(this.#images.find((image) => image.id === request.Image))
    this.containers.set(id, { request, base, root: this.#scratch(base) })
    return { id, warnings: [] }
  }

  async run(id: string, output: BuildOutput): Promise<number> {
    const { request, root } = this.containers.get(id)!
    return this.#runCommand(request, root, output)
  }

  async makeDirectory(id: string, path: string): Promise<void> {
    const tree = new RootedTree(this.containers.get(id)!.root)
    tree.makeDirectories(tree.resolve(path), 0o755, { uid: 0, gid: 0 })
  }

  async layerOf(id: string): Promise<LayerBlob | undefined> {
    const { base, root } = this.containers.get(id)!
    return this.#commit(base, root)
  }

  async remove(id: string): Promise<void> {
    this.containers.delete(id)
  }

  async createImage(
    config: ImageRecord['config'],
    layers: Digest[],
    built?: BuildStep,
  ): Promise<ImageRecord> {
    const image: ImageRecord = {
      id: digestOf(JSON.stringify(config)),
      manifestDigest: digestOf(`manifest ${JSON.stringify(config)}`),
      references: [],
      config,
      layers: layers.map((digest) => ({
        ...{ digest, diffId: digest, mediaType: 'application/vnd.oci.image.layer.v1.tar' },
        ...{ size: 0, unpackedSize: 0 },
      })),
      ...(built && { built }),
    }
    this.#images.push(image)
    return image
  }

  async openImage(image: ImageRecord | undefined): Promise<ImageUse> {
    const tree = new RootedTree(this.#treeOf(image))
    return { tree, checksums: new Map(), close: async () => undefined }
  }

  async openLayer(image: ImageRecord | undefined): Promise<LayerUse> {
    const base = this.#treeOf(image)
    const root = this.#scratch(base)
    return {
      tree: new RootedTree(root),
      commit: async () => this.#commit(base, root),
      unpack: async (from, archive, to) => {
        mkdirSync(join(root, to), { recursive: true })
        execFileSync('tar', ['-xf', from.path(archive), '-C', join(root, to)])
      },
      close: async () => rmSync(root, { recursive: true }),
    }
  }

  async download(url: string): Promise<never> {
    throw new EngineError('unavailable', `Get "${url}": dial tcp: lookup example.com: no such host`)
  }

  async writeScript(name: string, content: string): Promise<string> {
    const path = join(this.#scratch(), name)
    writeFileSync(path, content, { mode: 0o755 })
    return path
  }

  /** The files of an image. */
  tree(image: ImageRecord): RootedTree {
    return new RootedTree(this.#treeOf(image))
  }
}
