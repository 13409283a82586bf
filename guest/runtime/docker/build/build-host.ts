/**
 * What the evaluator needs of the engine: images, containers, trees of files. engine-build-host.ts is the engine's own
 * implementation; test/support/fake-build-host.ts is one without a kernel.
 */
import type { BuildStep, Digest, ImageRecord, OciImageConfig } from '../../../protocol/api/content.ts'
import type { ContainerCreateRequest } from '../../../protocol/api/engine-api.ts'
import type { RootedTree } from '../../host/files/rooted-tree.ts'
import type { BuildOutput } from './build-output.ts'
import type { ChecksumCache } from './steps/copy-sources.ts'

export interface ImageQuery {
  /** Pulls even when there is a local image. */
  pull: boolean
  /** `linux/386`; empty: the platform of whatever image there is. */
  platform: string
}

export type { BuildStep }

/** A layer in the store. */
export interface LayerBlob {
  digest: Digest
  diffId: Digest
}

export interface TreeUse {
  tree: RootedTree
  close(): Promise<void>
}

export interface ImageUse extends TreeUse {
  /** Checksums of the image's files that were asked for before; they stay right, as an image never changes. */
  checksums: ChecksumCache
}

export interface LayerUse extends TreeUse {
  /** Stores the changes as a layer; undefined when nothing was changed. */
  commit(): Promise<LayerBlob | undefined>
  /** Unpacks a tar archive of the tree `from` into the directory `to`. */
  unpack(from: RootedTree, archive: string, to: string): Promise<void>
}

export interface Download extends TreeUse {
  /** The file's path in the tree. */
  path: string
  /** The file's address or its sender gave it a name. */
  named: boolean
}

export interface BuildHost {
  /** Finds an image, or pulls it. Throws in the words of a pull. */
  image(reference: string, query: ImageQuery, output: BuildOutput): Promise<ImageRecord>
  /** All images of the store. */
  images(): Promise<ImageRecord[]>
  /** The images that the store has of these references. */
  localImages(references: readonly string[]): Promise<ImageRecord[]>
  create(request: ContainerCreateRequest): Promise<{ id: string; warnings: string[] }>
  /**
   * Starts a container and hands its output over until it has ended. When the build is aborted, the container is
   * removed.
   * @returns exit code
   */
  run(id: string, output: BuildOutput): Promise<number>
  /** Makes a directory in a container that was not started. */
  makeDirectory(id: string, path: string): Promise<void>
  /** The files that a container wrote, as a layer; undefined when it wrote none. */
  layerOf(id: string): Promise<LayerBlob | undefined>
  remove(id: string): Promise<void>
  createImage(config: OciImageConfig, layers: Digest[], step: BuildStep): Promise<ImageRecord>
  /** Opens the files of an image for reading; without an image, an empty tree. */
  openImage(image: ImageRecord | undefined): Promise<ImageUse>
  /** Opens the files of an image for changes; without an image, an empty tree. */
  openLayer(image: ImageRecord | undefined): Promise<LayerUse>
  download(url: string, output: BuildOutput): Promise<Download>
  /**
   * Writes a file that can be mounted in a container, and that is removed with the build.
   * @returns its path
   */
  writeScript(name: string, content: string): Promise<string>
  /** The time in RFC 3339. */
  now(): string
}
