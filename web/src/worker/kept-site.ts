/**
 * A site whose files of one release are kept in the browser's store, by digest: read once from the network, and after
 * that from the store, also when the site has a newer build by then.
 */
import { EngineError } from '../../../guest/protocol/errors.ts'
import type { SiteFiles } from '../catalogue/catalogue.ts'
import { unlessAborted } from '../../../guest/protocol/wire/unless-aborted.ts'
import { RELEASE_PATH, parseRelease, type Release } from '../release/release.ts'
import { hexDigest } from '../storage/digest.ts'
import type { KeyValueStore } from '../storage/key-value-store.ts'
import type { SiteFile } from '../storage/site-file.ts'

const PREFIX = 'file/'
const keyOf = ({ sha256 }: SiteFile): string => PREFIX + sha256

export class KeptSite implements SiteFiles {
  readonly #site: SiteFiles
  readonly #store: KeyValueStore
  readonly #files: ReadonlyMap<string, SiteFile>

  /** @param site asks the network */
  constructor(site: SiteFiles, store: KeyValueStore, release: Release) {
    this.#site = site
    this.#store = store
    this.#files = new Map(release.system.map((file) => [file.path, file]))
  }

  /** The files of the release that are kept here once they have been read. */
  get files(): SiteFile[] {
    return [...this.#files.values()]
  }

  /**
   * The file as the release has it. Rejects with EngineError `unavailable` naming the file, and what is wrong with the
   * kept copy; `corrupt` when the site has another file there.
   */
  async read(path: string, signal?: AbortSignal): Promise<Uint8Array> {
    const file = this.#files.get(path)
    if (file === undefined) return this.#site.read(path, signal)
    return this.#read(file, signal, (error) => {
      // Where there is no room left a machine runs all the same; what is not kept counts as missing.
      if (error.code !== 'exhausted') throw error
    })
  }

  /** Reads a file of the release so that it is kept. Rejects as `read` does, and with `exhausted` when there is no room. */
  async keep(file: SiteFile, signal?: AbortSignal): Promise<void> {
    await this.#read(file, signal, (error) => {
      throw error
    })
  }

  async #read(
    file: SiteFile,
    signal: AbortSignal | undefined,
    onNotKept: (error: EngineError) => void,
  ): Promise<Uint8Array> {
    const kept = await this.#store.get(keyOf(file))
    if (kept instanceof Uint8Array && (await isFile(kept, file))) return kept
    const bytes = await this.#fetch(file, kept !== undefined, signal)
    if (!(await isFile(bytes, file)))
      throw new EngineError(
        'corrupt',
        `${file.path} is not that of the version in use: the site may have a newer one, which the page offers; reload`,
        { file: file.path },
      )
    try {
      await this.#store.setMany([[keyOf(file), bytes]])
    } catch (thrown) {
      onNotKept(EngineError.from(thrown))
    }
    return bytes
  }

  stream(...named: Parameters<SiteFiles['stream']>): ReturnType<SiteFiles['stream']> {
    return this.#site.stream(...named)
  }

  /** Whether a copy is kept; a deep look compares its digest. */
  async has(file: SiteFile, deep: boolean): Promise<boolean> {
    if (!deep) return (await this.#store.keys(keyOf(file))).length > 0
    const kept = await this.#store.get(keyOf(file))
    return kept instanceof Uint8Array && (await isFile(kept, file))
  }

  /** Forgets a copy, so that it is fetched anew. */
  async drop(file: SiteFile): Promise<void> {
    await this.#store.deleteMany([keyOf(file)])
  }

  /** Drops the files of earlier releases. */
  async prune(): Promise<void> {
    const wanted = new Set(this.files.map(keyOf))
    const kept = await this.#store.keys(PREFIX)
    await this.#store.deleteMany(kept.filter((key) => !wanted.has(key)))
  }

  async #fetch(file: SiteFile, damaged: boolean, signal?: AbortSignal): Promise<Uint8Array> {
    try {
      return await this.#site.read(file.path, signal)
    } catch (thrown) {
      const error = EngineError.from(thrown)
      if (!damaged || error.code !== 'unavailable') throw error
      const message = `${file.path} is damaged in the browser’s storage, and is fetched anew once there is a network`
      throw new EngineError('unavailable', message, { ...error.details, file: file.path }, error)
    }
  }
}

async function isFile(bytes: Uint8Array, { size, sha256 }: SiteFile): Promise<boolean> {
  return bytes.length === size && (await hexDigest(bytes)) === sha256
}

/** The site with the files of its release kept; undefined for a site without a release, as the dev server's is. */
export async function openKeptSite(
  site: SiteFiles,
  keyValues: KeyValueStore,
  signal: AbortSignal,
): Promise<KeptSite | undefined> {
  const bytes = await unlessAborted(site.read(RELEASE_PATH, signal), signal).catch((thrown: unknown) => {
    const error = EngineError.from(thrown)
    if (error.code === 'unavailable' && !signal.aborted) return undefined
    throw error
  })
  return bytes && new KeptSite(site, keyValues, parseRelease(bytes))
}
