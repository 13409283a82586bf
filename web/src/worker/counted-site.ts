import type { SiteFiles } from '../catalogue/catalogue.ts'

/** Wraps a site and counts the bytes that come from it. */
export class CountedSite implements SiteFiles {
  readonly #site: SiteFiles
  #bytes = 0

  constructor(site: SiteFiles) {
    this.#site = site
  }

  get bytes(): number {
    return this.#bytes
  }

  add(bytes: number): void {
    this.#bytes += bytes
  }

  async read(...named: Parameters<SiteFiles['read']>): Promise<Uint8Array> {
    const bytes = await this.#site.read(...named)
    this.#bytes += bytes.length
    return bytes
  }

  async stream(...named: Parameters<SiteFiles['stream']>): ReturnType<SiteFiles['stream']> {
    const { start, bytes } = await this.#site.stream(...named)
    return { start, bytes: this.#counted(bytes) }
  }

  async *#counted(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const chunk of chunks) {
      this.#bytes += chunk.length
      yield chunk
    }
  }
}
