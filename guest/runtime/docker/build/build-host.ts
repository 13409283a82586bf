/**
 * What the evaluator needs of the engine: images, containers, trees of files. engine-build-host.ts is the engine's own;
 * testing/fake-build-host.ts runs without a kernel.
 */
import type { BuildStep, Digest, ImageRecord, OciImageConfig } from '../../../protocol/api/content.ts'
import type { ContainerCreateRequest } from '../../../protocol/api/engine-api.ts'
import type { RootedTree } from '../../host/files/rooted-tree.ts'
import type { BuildOutput } from './build-output.ts'
import type { ChecksumCache } from './steps/copy-sources.ts'

export interface ImageQuery {
  /** A local image is not enough. */
  pull: boolean
  /** `linux/386`; empty: whatever is there. */
  platform: string
}

export type { BuildStep }

/** A layer that the store has. */
export interface LayerBlob {
  digest: Digest
  diffId: Digest
}

export interface TreeUse {
  tree: RootedTree
  close(): Promise<void>
}

export interface ImageUse extends TreeUse {
  /** Of the image's files, as far as they were asked for: they never change. */
  checksums: ChecksumCache
}

export interface LayerUse extends TreeUse {
  /** What was changed, as a layer of the store; undefined when nothing was. */
  commit(): Promise<LayerBlob | undefined>
  /** Unpacks a tar archive of the tree `from` into the directory `to`. */
  unpack(from: RootedTree, archive: string, to: string): Promise<void>
}

export interface Download extends TreeUse {
  /** The file in the tree. */
  path: string
  /** It has a name of its own, from its address or its sender. */
  named: boolean
}

export interface BuildHost {
  /** Local or pulled. Throws in the words of a pull. */
  image(reference: string, query: ImageQuery, output: BuildOutput): Promise<ImageRecord>
  /** Of the store, all of them. */
  images(): Promise<ImageRecord[]>
  /** Those of the references that are here. */
  localImages(references: readonly string[]): Promise<ImageRecord[]>
  create(request: ContainerCreateRequest): Promise<{ id: string; warnings: string[] }>
  /** Starts it and hands its output over until it has ended. Aborted: removed. @returns exit code */
  run(id: string, output: BuildOutput): Promise<number>
  /** Makes a directory in a container that was not started. */
  makeDirectory(id: string, path: string): Promise<void>
  /** What a container wrote; undefined when that is nothing. */
  layerOf(id: string): Promise<LayerBlob | undefined>
  remove(id: string): Promise<void>
  createImage(config: OciImageConfig, layers: Digest[], step: BuildStep): Promise<ImageRecord>
  /** The files of an image (none: an empty tree), to read. */
  openImage(image: ImageRecord | undefined): Promise<ImageUse>
  /** The files of an image (none: an empty tree), to change. */
  openLayer(image: ImageRecord | undefined): Promise<LayerUse>
  download(url: string, output: BuildOutput): Promise<Download>
  /** A file that a container can be given, removed with the build. @returns its path */
  writeScript(name: string, content: string): Promise<string>
  /** RFC 3339. */
  now(): string
}
