import { OfflineState, type OfflineBrowser } from './state/offline/offline-state.svelte.ts'
import { CachedReleases } from './state/offline/site-releases.ts'

/** Milliseconds. */
const LOOK_AGAIN = 10_000

/** Use without a network, as far as this browser allows it here. @param base the site's address, with a trailing slash */
export function openOffline(base: string): OfflineState {
  const workers = navigator.serviceWorker as ServiceWorkerContainer | undefined
  const caches = (globalThis as { caches?: CacheStorage }).caches
  // Browsers offer both in secure contexts alone. One without the other keeps a page that nobody would serve.
  if (!workers || !caches) return new OfflineState(undefined, browser(base), true)
  const isFromNetwork = workers.controller === null
  // The same worker serves previews; where a site has an origin for them, the page's own is registered here alone.
  workers.register(`${base}preview-worker.js`, { scope: base }).catch((error: unknown) => console.warn(error))
  return new OfflineState(new CachedReleases(base, caches), browser(base), isFromNetwork)
}

function browser(base: string): OfflineBrowser {
  const lock = `porthole-tab ${base}`
  const locks = (navigator as { locks?: LockManager }).locks
  // Held as long as this page lives: who holds it is a tab of this site.
  void locks?.request(lock, { mode: 'shared' }, () => new Promise(() => undefined))
  return {
    persist: async () => (await (navigator.storage as StorageManager | undefined)?.persist?.()) ?? false,
    async tabs() {
      const { held = [] } = (await locks?.query()) ?? {}
      return Math.max(1, held.filter(({ name }) => name === lock).length)
    },
    untilOnline,
    reload: () => location.reload(),
  }
}

/**
 * A browser says so when its own connection is back, and says nothing when a server is: a page of the school's network is
 * online all the time. So one looks every ten seconds too.
 */
function untilOnline(): Promise<void> {
  return new Promise((resolve) => {
    const over = new AbortController()
    const timer = setTimeout(end, LOOK_AGAIN)
    addEventListener('online', end, { signal: over.signal })
    function end(): void {
      clearTimeout(timer)
      over.abort()
      resolve()
    }
  })
}
