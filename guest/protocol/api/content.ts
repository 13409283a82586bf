/**
 * Calls of the content store, which lives in the page's worker (or in Node's headless machine); the engine calls it
 * over channel streams with `service: 'content'`.
 *
 * Answer: newline-delimited JSON, one `ContentMessage` a line; the last line is `result` or `error`. For `blob` the raw
 * bytes follow the `result` line. For `ingest` and `put-manifest` the caller writes the bytes and ends its side before the
 * result comes.
 */
import type { Digest, OciImageConfig, Platform } from './oci-image.ts'

export type { Digest, OciExecutionConfig, OciImageConfig, Platform } from './oci-image.ts'

export interface ImageLayer {
  /** Digest of the blob as transferred (usually gzip). */
  digest: Digest
  /** Digest of the uncompressed tar; the guest finds the layer's tree under LAYERS_DIR/<hex of diffId>. */
  diffId: Digest
  mediaType: string
  /** Bytes as transferred. */
  size: number
  /** Bytes of file contents when unpacked. */
  unpackedSize: number
}

export interface ImageRecord {
  /** Digest of the configuration: Docker's image id. */
  id: Digest
  manifestDigest: Digest
  /** Fully qualified, e.g. `docker.io/library/busybox:latest`. */
  references: string[]
  config: OciImageConfig
  layers: ImageLayer[]
  /** The build step that made the image, if a build of this engine did. */
  built?: BuildStep
}

/** The build step that an image is the result of: the builder's cache looks images up by it. */
export interface BuildStep {
  /** Id of the image that the step began with, or of the committed container; empty below `FROM scratch`. */
  parent: Digest | ''
  /** Hex digest of everything that makes the step the same step; empty for a commit, which no build takes for a step. */
  key: string
}

/** What `docker login` left for a registry, or what X-Registry-Auth brings. */
export interface RegistryCredentials {
  username?: string
  password?: string
  /** Stands for the password: https://distribution.github.io/distribution/spec/auth/oauth/ */
  identityToken?: string
  /** Sent as it is. */
  registryToken?: string
}

export interface PushResult {
  digest: Digest
  /** Bytes of the manifest. */
  size: number
}

export interface IngestResult {
  digest: Digest
  /** Of a layer. */
  diffId?: Digest
  size: number
  unpackedSize?: number
}

/** What a registry has under a name, seen without a pull. */
export interface ManifestInspect {
  descriptor: { mediaType: string; digest: Digest; size: number }
  platforms: Platform[]
  /** The manifest or index itself, as the registry gave it. */
  document: string
}

export interface SearchItem {
  /** `busybox`, `ann/app`: without the registry's name. */
  name: string
  description: string
  official: boolean
}

export type ContentRequest =
  /** Every image the store holds → `ImageRecord[]`. */
  | { call: 'images' }
  /** Fetches an image (bundled catalogue or registry) into the store; `progress` lines, then → `ImageRecord`. */
  | { call: 'pull'; reference: string; platform?: Platform; auth?: RegistryCredentials }
  /** Sends the image of a tag to its registry; `PushProgress` lines, then → `PushResult`. */
  | { call: 'push'; reference: string; auth?: RegistryCredentials }
  /** Checks credentials with a registry → `{ identityToken?: string }`. */
  | { call: 'login'; domain: string; auth: RegistryCredentials }
  /** → `ManifestInspect`. */
  | { call: 'manifest'; reference: string; auth?: RegistryCredentials }
  /** The manifest that the caller streams up, under the reference's tag, or without one by its digest → `{ digest }`. */
  | { call: 'put-manifest'; reference: string; mediaType: string; auth?: RegistryCredentials }
  /** Makes a blob of the repository `from` one of the reference's too → `{ mounted }`: false when the registry won't. */
  | { call: 'mount'; reference: string; digest: Digest; from: string; auth?: RegistryCredentials }
  /** Repositories of the bundled catalogue (`docker.io`) or of `registry.local` whose name has the term in it → `SearchItem[]`. */
  | { call: 'search'; domain: string; term: string }
  /** Deletes what nothing needs, half-done downloads given up long ago too → `{ deleted: Digest[] }`. */
  | { call: 'collect' }
  /** The images that can be pulled with the network off → `{ reference: string; size: number }[]`. */
  | { call: 'catalogue' }
  /** Points `reference` at an image the store has → `ImageRecord`. */
  | { call: 'tag'; id: Digest; reference: string }
  /** Drops one reference, the image stays; or the image with all its references; unreferenced blobs are collected → `{ deleted: Digest[] }`. */
  | { call: 'untag'; reference: string }
  | { call: 'remove'; id: Digest }
  /** A blob's bytes → `{ size }`, then the bytes. */
  | { call: 'blob'; digest: Digest }
  /**
   * Stores the bytes that the caller streams up, checked against `expected` when given → `{ digest, diffId?, size,
   * unpackedSize? }`. With `upload` they do not come on the stream, whose end only tells that they are whole: they are
   * written to the file of GUEST_PATHS.uploadsDir that the line `upload` names, before any other line.
   */
  | { call: 'ingest'; mediaType: string; expected?: Digest; upload?: true }
  /**
   * Keeps blobs and layers (diffIds) from being collected while something in the guest uses them, a container by its id
   * for instance; lasts until released, over reloads too → `null`.
   */
  | { call: 'lease'; id: string; digests: Digest[] }
  | { call: 'release'; id: string }
  /**
   * Makes an image of a configuration and stored layers → `ImageRecord`. `layers` are the blobs' digests in the order
   * of the configuration's diff_ids; for a layer ingested uncompressed that is its diffId.
   */
  | { call: 'create-image'; config: OciImageConfig; layers: Digest[]; reference?: string; built?: BuildStep }
  /**
   * Makes an image of a configuration that is in the store already → `ImageRecord`. Fails with `corrupt` when the
   * manifest does not describe that configuration and those layers.
   */
  | {
      call: 'adopt-image'
      /**
       * The blobs stay as they were ingested: the image keeps its id, and keeps its digest when `manifest` is given.
       */
      config: Digest
      manifest?: Digest
      layers: Digest[]
      reference?: string
    }

/** Call → what its `result` line holds. */
export interface ContentAnswers {
  images: ImageRecord[]
  pull: ImageRecord
  push: PushResult
  login: { identityToken?: string }
  manifest: ManifestInspect
  'put-manifest': { digest: Digest }
  mount: { mounted: boolean }
  search: SearchItem[]
  collect: { deleted: Digest[] }
  catalogue: { reference: string; size: number }[]
  tag: ImageRecord
  untag: { deleted: Digest[] }
  remove: { deleted: Digest[] }
  blob: { size: number }
  ingest: IngestResult
  lease: null
  release: null
  'create-image': ImageRecord
  'adopt-image': ImageRecord
}

/** Progress in the words of `docker pull`: one line a layer. */
export interface PullProgress {
  /** Short layer id, or the tag for the first line. */
  id?: string
  status:
    | 'Pulling from'
    | 'Pulling fs layer'
    | 'Waiting'
    | 'Downloading'
    | 'Verifying Checksum'
    | 'Download complete'
    | 'Extracting'
    | 'Pull complete'
    | 'Already exists'
  current?: number
  total?: number
  /** For `Pulling from`: the repository. */
  from?: string
}

/** Progress in the words of `docker push`: one line a layer. */
export interface PushProgress {
  /** Short diffId of the layer. */
  id: string
  status:
    | 'Preparing'
    | 'Waiting'
    | 'Pushing'
    | 'Pushed'
    | 'Layer already exists'
    | `Mounted from ${string}`
    | `Retrying in ${string}`
  current?: number
  total?: number
}

export type ContentMessage =
  | { upload: string }
  | { progress: PullProgress | PushProgress }
  | { result: unknown }
  | { error: import('../errors.ts').SerializedError }
