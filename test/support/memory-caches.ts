import type { ShellCaches } from '../../web/src/release/shell-store.ts'

/** A CacheStorage in memory, as far as the page uses it: one cache, with addresses for keys. */
export class MemoryCaches implements ShellCaches {
  readonly #caches = new Map<string, Cache>()

  open(name: string): Promise<Cache> {
    const cache = this.#caches.get(name) ?? memoryCache()
    this.#caches.set(name, cache)
    return Promise.resolve(cache)
  }

  /** The one cache that was opened. */
  only(): Cache {
    const [cache, ...others] = this.#caches.values()
    if (!cache || others.length > 0) throw new Error(`${this.#caches.size} caches were opened`)
    return cache
  }
}

function memoryCache(): Cache {
  const kept = new Map<string, Response>()
  return {
    match: async (url: string) => kept.get(url)?.clone(),
    put: async (url: string, response: Response) => void kept.set(url, response),
    delete: async (url: string) => kept.delete(url),
    keys: async () => Array.from(kept.keys(), (url) => ({ url })),
  } as unknown as Cache
}
