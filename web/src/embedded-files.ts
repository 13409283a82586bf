/** The files of a site inside of one page: scripts/lib/pack/single-file.ts writes them into data blocks. */
import { embeddedBytes } from './embedded-bytes.ts'

/** https://html.spec.whatwg.org/multipage/scripting.html#data-block: an element of script that is no program. */
const BLOCKS = 'script[type="application/octet-stream"]'

/**
 * Takes the files out of the document, so that their text need not stay in memory.
 * @throws EngineError `corrupt` when the document was read in another encoding than it is written in
 */
export function takeEmbeddedFiles(document: Document): Map<string, Blob> {
  const files = new Map<string, Blob>()
  for (const block of document.querySelectorAll<HTMLScriptElement>(BLOCKS)) {
    files.set(block.dataset['path']!, new Blob([embeddedBytes(block.text)]))
    block.remove()
  }
  return files
}

/** A fetch that answers for files below `base` itself; what is not among them is missing, as on a server. */
export function embeddedFetch(
  files: ReadonlyMap<string, Blob>,
  base: string,
  others: typeof fetch,
): typeof fetch {
  return (input, init) => {
    const url = new URL(input instanceof Request ? input.url : input, base).href
    if (!url.startsWith(base)) return others(input, init)
    const file = files.get(decodeURI(url.slice(base.length).replace(/[?#].*$/, '')))
    return Promise.resolve(file ? new Response(file) : new Response(null, { status: 404 }))
  }
}
