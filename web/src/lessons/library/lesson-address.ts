/** A lesson at an address of this site: `?lesson=./my-lesson/`, a folder, or `?lesson=./my-lesson.zip`. */
import { EngineError } from '../../../../guest/protocol/errors.ts'
import { KIND_FILES, importLesson, namedFiles, type LessonKind } from '../import/import-lesson.ts'
import { collectFiles, type FileEntry, type LessonFiles } from '../import/lesson-files.ts'
import { IMPORT_LIMITS } from '../import/limits.ts'
import { nameOf, ownLesson, pictureAddress, type OwnLesson } from './own-lesson.ts'
import { readZip } from './read-zip.ts'

/**
 * The address that a text of the page's own address names, relative to `base`.
 * @throws EngineError `invalid` for what is no address, `forbidden` for one of another site
 */
export function lessonAddress(text: string, base: string): URL {
  if (text.length > IMPORT_LIMITS.path || !URL.canParse(text, base))
    throw new EngineError('invalid', `“${text.slice(0, 80)}” is no address of a lesson`)
  const url = new URL(text, base)
  // A `blob:` address has its site's origin too.
  if (
    !/^https?:$/.test(url.protocol) ||
    url.origin !== new URL(base).origin ||
    url.username !== '' ||
    url.password !== ''
  )
    throw new EngineError(
      'forbidden',
      `a lesson is opened from this site alone, not from ${url.origin}: download it, and drop the file here`,
    )
  url.search = ''
  url.hash = ''
  if (!/\.zip$/i.test(url.pathname) && !url.pathname.endsWith('/')) url.pathname += '/'
  return url
}

export interface OpenOptions {
  get?: typeof fetch
  /** References of the site's images. */
  images?: Iterable<string>
}

/** Rejects with EngineError: `unavailable`, `not-found`, `too-large`, or what is wrong with the lesson. */
export async function openAddress(
  text: string,
  base: string,
  { get = fetch, images = [] }: OpenOptions = {},
): Promise<OwnLesson> {
  const url = lessonAddress(text, base)
  const isZip = !url.pathname.endsWith('/')
  const zip = isZip ? await fetchFile(url, IMPORT_LIMITS.zipBytes, get) : undefined
  if (isZip && zip === undefined) throw new EngineError('not-found', `${url.href} is not there`)
  const files = zip === undefined ? await fetchFolder(url, get) : await collectFiles(readZip(zip))
  const imported = importLesson(nameOf(url.pathname.replace(/\/$/, '')), files, images)
  const picture = (path: string): string | undefined => {
    if (!isZip) return new URL(path, url).href
    return pictureAddress(path, files.files.get(path))
  }
  return ownLesson(imported, placeOf(url, base), picture)
}

/** Relative where that is shorter to read. */
const placeOf = (url: URL, base: string): string =>
  url.href.startsWith(base) ? `./${url.href.slice(base.length)}` : url.pathname

/** The file that says of which kind it is, then those that this one names; an address lists no folder. */
async function fetchFolder(url: URL, get: typeof fetch): Promise<LessonFiles> {
  for (const kind of Object.keys(KIND_FILES) as LessonKind[]) {
    const index = await fetchFile(new URL(KIND_FILES[kind], url), IMPORT_LIMITS.fileBytes, get)
    if (index === undefined) continue
    const entries: FileEntry[] = [entry(KIND_FILES[kind], index)]
    for (const path of namedFiles(kind, index).slice(0, IMPORT_LIMITS.files)) {
      const address = new URL(path.split('/').map(encodeURIComponent).join('/'), url)
      const bytes =
        path === KIND_FILES[kind] ? undefined : await fetchFile(address, IMPORT_LIMITS.fileBytes, get)
      if (bytes !== undefined) entries.push(entry(path, bytes))
    }
    return { ...(await collectFiles(entries)), partial: true }
  }
  return { files: new Map(), skipped: [] }
}

const entry = (path: string, bytes: Uint8Array): FileEntry => ({
  path,
  size: bytes.length,
  read: () => Promise.resolve(bytes),
})

/** Undefined when there is no such file; a server that answers with its own page for any address has none either. */
async function fetchFile(url: URL, most: number, get: typeof fetch): Promise<Uint8Array | undefined> {
  let response: Response
  try {
    // A redirect could lead to another site.
    response = await get(url.href, { redirect: 'error' })
  } catch (error) {
    throw new EngineError('unavailable', `${url.href} cannot be reached`, {}, error)
  }
  if (response.status === 404 || response.status === 410) return undefined
  if (!response.ok) throw new EngineError('unavailable', `${url.href} answered ${response.status}`)
  if (/^text\/html\b/i.test(response.headers.get('content-type') ?? '')) return undefined
  const tooLarge = (): EngineError => new EngineError('too-large', `${url.href} has more than ${most} bytes`)
  if (Number(response.headers.get('content-length') ?? 0) > most) throw tooLarge()
  const bytes = new Uint8Array(await response.arrayBuffer())
  if (bytes.length > most) throw tooLarge()
  return bytes
}
