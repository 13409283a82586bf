import { HOST_FILES, NEWEST } from '../release/release.ts'
import type { ShellStore } from '../release/shell-store.ts'

/** What the machine's worker reads and keeps itself, previews, and the Service Worker's own script. */
const NOT_SHELL = /^(guest\/|images\/|port\/|preview-worker\.js$)/

/** Whether a kept release may have the answer: a GET of a file of the site that does not ask for the newest. */
export function isShellRequest({ method, url, headers }: Request, base: string): boolean {
  if (method !== 'GET' || !url.startsWith(base) || headers.has('range')) return false
  return !NOT_SHELL.test(url.slice(base.length)) && !new URL(url).searchParams.has(NEWEST)
}

/**
 * Answers from the kept release, or from the network where none is kept. What a host may change at any time comes from
 * the network, and is kept as it was last.
 */
export async function serveShell(
  request: Request,
  base: string,
  shell: Pick<ShellStore, 'find' | 'keepHostFile'>,
  fetchIt: typeof fetch = fetch,
): Promise<Response> {
  // A browser that refuses storage, as some do in private windows, has nothing kept.
  const find = (): Promise<Response | undefined> => shell.find(request.url).catch(() => undefined)
  const path = request.url.slice(base.length).replace(/[?#].*$/, '')
  if (!HOST_FILES.includes(path)) return (await find()) ?? fetchIt(request)
  try {
    const response = await fetchIt(request)
    if (response.ok) await shell.keepHostFile(path, response.clone()).catch(() => undefined)
    return response
  } catch (error) {
    const kept = await find()
    if (kept) return kept
    throw error
  }
}
