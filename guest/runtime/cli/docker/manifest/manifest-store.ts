/**
 * Keeps lists that have not been pushed yet in the configuration directory of Docker's client: a directory for each
 * list, a file for each image in it (docker/cli cli/manifest/store/store.go).
 */
import { configDirectory } from '../../shared/client-config.ts'
import { CliError } from '../../shared/cli-error.ts'
import { resolvePath, type CliContext } from '../../shared/context.ts'
import {
  type ImageReference,
  formatReference,
  withDefaultTag,
} from '../../../../vocabulary/image-reference.ts'
import { manifestJson, parseManifestFile, type ImageManifest } from './image-manifest.ts'
import { jsonText } from './json-text.ts'

/** Contains no slash and is never `.` or `..`, so no name leads out of the store. */
const fileName = (reference: ImageReference): string =>
  formatReference(withDefaultTag(reference)).replaceAll(':', '-').replaceAll('/', '_')

const notFound = (reference: ImageReference): CliError =>
  new CliError(`No such manifest: ${formatReference(withDefaultTag(reference))}`)

export class ManifestStore {
  readonly #files: CliContext['files']
  readonly #root: string

  constructor(context: CliContext) {
    this.#files = context.files
    this.#root = resolvePath(context, `${configDirectory(context)}/manifests`)
  }

  #directory(list: ImageReference): string {
    return `${this.#root}/${fileName(list)}`
  }

  /** The list's manifests in the order of their file names, as in Docker; undefined when there is no such list. */
  async find(list: ImageReference): Promise<ImageManifest[] | undefined> {
    const directory = this.#directory(list)
    if ((await this.#files.stat(directory, true)) === undefined) return undefined
    const names = (await this.#files.list(directory)).sort((a, b) =>
      Buffer.compare(Buffer.from(a), Buffer.from(b)),
    )
    const manifests: ImageManifest[] = []
    for (const name of names) manifests.push(await this.#read(`${directory}/${name}`))
    return manifests
  }

  /** @throws CliError with Docker's sentence when there is no such list */
  async list(list: ImageReference): Promise<ImageManifest[]> {
    const manifests = await this.find(list)
    if (manifests === undefined) throw notFound(list)
    return manifests
  }

  /** Undefined when the list has no such manifest, or does not exist. */
  async findOne(list: ImageReference, manifest: ImageReference): Promise<ImageManifest | undefined> {
    const path = `${this.#directory(list)}/${fileName(manifest)}`
    return (await this.#files.exists(path)) ? this.#read(path) : undefined
  }

  /** @throws CliError with Docker's sentence */
  async one(list: ImageReference, manifest: ImageReference): Promise<ImageManifest> {
    const found = await this.findOne(list, manifest)
    if (found === undefined) throw notFound(manifest)
    return found
  }

  async #read(path: string): Promise<ImageManifest> {
    return parseManifestFile(await this.#files.readText(path), path)
  }

  async save(list: ImageReference, manifest: ImageReference, image: ImageManifest): Promise<void> {
    const directory = this.#directory(list)
    await this.#files.makeDirectory(directory)
    await this.#files.write(`${directory}/${fileName(manifest)}`, jsonText(manifestJson(image), 0))
  }

  remove(list: ImageReference): Promise<void> {
    return this.#files.removeTree(this.#directory(list))
  }
}
