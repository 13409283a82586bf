/**
 * The page's own files in the browser's Cache, each once under its path and digest, with the release that is in use. A
 * new release is put beside it file by file; what makes it the one in use is the writing of one entry.
 */
import { EngineError } from '../../../guest/protocol/errors.ts'
import type { SiteFile } from '../storage/site-file.ts'
import { HOST_FILES, RELEASE_PATH, parseRelease, type Release } from './release.ts'

/** The part of a CacheStorage that is used. */
export type ShellCaches = Pick<CacheStorage, 'open'>

export class ShellStore {
  readonly #base: string
  readonly #cache: Promise<Cache>

  /** @param base the site's address, with a trailing slash */
  constructor(base: string, caches: ShellCaches) {
    this.#base = base
    this.#cache = caches.open(`porthole-shell ${base}`)
    this.#cache.catch(() => undefined) // each use rejects
  }

  /** The release in use; undefined when none is kept. */
  async current(): Promise<Release | undefined> {
    const response = await (await this.#cache).match(this.#base + RELEASE_PATH)
    return response && parseRelease(new Uint8Array(await response.arrayBuffer()))
  }

  /** The kept answer for an address of the site, as it is without a network; undefined for what is not kept. */
  async find(url: string): Promise<Response | undefined> {
    const path = this.#pathOf(url)
    const cache = await this.#cache
    if (path === RELEASE_PATH || HOST_FILES.includes(path)) return cache.match(this.#base + path)
    const release = await this.current()
    const file = release?.shell.find((each) => each.path === path)
    return file && cache.match(this.#key(file))
  }

  /** Keeps what a host's own file is now. */
  async keepHostFile(path: string, response: Response): Promise<void> {
    await (await this.#cache).put(this.#base + path, response)
  }

  /** The files of the release whose bytes are not kept, or not as they must be. */
  async missing(release: Release, deep: boolean): Promise<SiteFile[]> {
    const cache = await this.#cache
    const missing: SiteFile[] = []
    for (const file of release.shell) {
      const kept = await cache.match(this.#key(file))
      if (kept && (!deep || (await this.#matches(kept, file)))) continue
      missing.push(file)
    }
    return missing
  }

  /**
   * Fetches the files and keeps them. Rejects with EngineError `unavailable` or `corrupt`, naming the file.
   * @param fetchFile asks the network, and no cache
   */
  async keep(
    files: readonly SiteFile[],
    fetchFile: (path: string) => Promise<Response>,
    onBytes: (bytes: number) => void,
  ): Promise<void> {
    const cache = await this.#cache
    for (const file of files) {
      const response = await fetchFile(file.path)
      const bytes = new Uint8Array(await response.arrayBuffer())
      if ((await sha256Of(bytes)) !== file.sha256)
        throw new EngineError(
          'corrupt',
          `${file.path} is not the file that ${RELEASE_PATH} names: the site must be published whole`,
          { file: file.path },
        )
      const type = response.headers.get('content-type') ?? 'application/octet-stream'
      await cache.put(this.#key(file), new Response(bytes, { headers: { 'content-type': type } }))
      onBytes(bytes.length)
    }
  }

  /** Makes a release whose files are all kept the one in use, then drops the files that it does not have. */
  async take(release: Release): Promise<void> {
    const cache = await this.#cache
    const headers = { 'content-type': 'application/json' }
    await cache.put(this.#base + RELEASE_PATH, new Response(JSON.stringify(release), { headers }))
    const wanted = new Set(release.shell.map((file) => this.#key(file)))
    for (const path of [RELEASE_PATH, ...HOST_FILES]) wanted.add(this.#base + path)
    for (const { url } of await cache.keys()) if (!wanted.has(url)) await cache.delete(url)
  }

  /** The path below the base; the folder itself is its index.html. */
  #pathOf(url: string): string {
    const path = decodeURI(url.slice(this.#base.length).replace(/[?#].*$/, ''))
    return path === '' ? 'index.html' : path
  }

  #key({ path, sha256 }: SiteFile): string {
    return `${this.#base}${encodeURI(path)}?sha256=${sha256}`
  }

  async #matches(kept: Response, { sha256 }: SiteFile): Promise<boolean> {
    return (await sha256Of(new Uint8Array(await kept.arrayBuffer()))) === sha256
  }
}

/** Whoever has a Cache has WebCrypto too, so that the page need not load a digest of its own. */
async function sha256Of(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('')
}
