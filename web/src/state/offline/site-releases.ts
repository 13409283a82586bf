/** The releases of the site: the one that the browser keeps, and the newest that the network has. */
import { EngineError } from '../../../../guest/protocol/errors.ts'
import {
  HOST_FILES,
  NEWEST,
  RELEASE_PATH,
  parseRelease,
  sizeOf,
  type Release,
} from '../../release/release.ts'
import { ShellStore, type ShellCaches } from '../../release/shell-store.ts'
import type { OnBytes } from '../../worker/machine-api.ts'

export interface SiteReleases {
  /** The release whose page is kept; undefined when none is. Rejects where the browser refuses storage. */
  current(): Promise<Release | undefined>
  /** What the site has now; undefined without a network, and for a site without releases. */
  newest(): Promise<Release | undefined>
  /** Fetches the page's files that are missing. Rejects with EngineError naming the file. */
  keepShell(release: Release, onBytes: OnBytes): Promise<void>
  /** Makes a release the one in use; its page must be kept. */
  take(release: Release): Promise<void>
  /** The paths of the page's files that are damaged or gone; those that are damaged are fetched anew by `keepShell`. */
  damaged(release: Release): Promise<string[]>
}

export class CachedReleases implements SiteReleases {
  readonly #base: string
  readonly #store: ShellStore
  /** Digests of kept files that are not what they must be. */
  readonly #damaged = new Set<string>()

  /** @param base the site's address, with a trailing slash */
  constructor(base: string, caches: ShellCaches) {
    this.#base = base
    this.#store = new ShellStore(base, caches)
  }

  current(): Promise<Release | undefined> {
    return this.#store.current()
  }

  async newest(): Promise<Release | undefined> {
    const response = await this.#ask(RELEASE_PATH, String(Date.now())).catch(() => undefined)
    return response?.ok ? parseRelease(new Uint8Array(await response.arrayBuffer())) : undefined
  }

  async keepShell(release: Release, onBytes: OnBytes): Promise<void> {
    const absent = await this.#store.missing(release, false)
    const missing = [...absent, ...release.shell.filter((file) => this.#damaged.has(file.sha256))]
    const total = sizeOf(missing)
    let loaded = 0
    onBytes(loaded, total)
    // Where nothing is kept yet, the browser has just fetched the files itself, and need not do it again.
    const isFirst = (await this.#store.current()) === undefined
    const fetchFile = (path: string) => this.#file(path, isFirst ? undefined : release.id)
    await this.#store.keep(missing, fetchFile, (bytes) => onBytes((loaded += bytes), total))
    this.#damaged.clear()
    // A site need not have them, and without a network the last ones will do.
    for (const path of HOST_FILES) {
      const response = await this.#ask(path, release.id).catch(() => undefined)
      if (response?.ok) await this.#store.keepHostFile(path, response)
    }
  }

  take(release: Release): Promise<void> {
    return this.#store.take(release)
  }

  async damaged(release: Release): Promise<string[]> {
    const files = await this.#store.missing(release, true)
    for (const { sha256 } of files) this.#damaged.add(sha256)
    return files.map(({ path }) => path)
  }

  async #file(path: string, tag: string | undefined): Promise<Response> {
    const response = await this.#ask(path, tag).catch((cause: unknown) => {
      throw new EngineError(
        'unavailable',
        `${path} cannot be fetched: check the network`,
        { file: path },
        cause,
      )
    })
    if (response.ok) return response
    throw new EngineError(
      'unavailable',
      `${path} cannot be fetched: the server answered ${response.status}; the site must be published whole`,
      { file: path },
    )
  }

  /** @param tag lets the request pass the Service Worker and the browser's own cache; undefined lets both answer */
  #ask(path: string, tag: string | undefined): Promise<Response> {
    const url = new URL(path, this.#base)
    if (tag === undefined) return fetch(url)
    url.searchParams.set(NEWEST, tag)
    return fetch(url, { cache: 'no-store' })
  }
}
