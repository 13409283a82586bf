/** A lesson that somebody brings along: a folder, a zip, or an address of this site. It is there as long as the page. */
import { EngineError } from '../../../../guest/protocol/errors.ts'
import type { Locale } from '../../i18n/catalogue.ts'
import type { Lesson } from '../format/lesson.ts'
import type { ImportedLesson, LessonKind } from '../import/import-lesson.ts'
import type { FileEntry, LessonFiles } from '../import/lesson-files.ts'
import { IMPORT_LIMITS } from '../import/limits.ts'
import { readZip } from './read-zip.ts'

/** A file of a drop or a picker: its path below what was chosen. */
export interface BroughtFile {
  path: string
  file: Pick<File, 'size' | 'arrayBuffer'>
}

export interface OwnLesson {
  lesson: Lesson
  kind: LessonKind
  /** The title in each language, for the list. */
  title: Readonly<Record<Locale, string>>
  /** What the page's address says to open it again; undefined for files, which are gone with the page. */
  place: string | undefined
  /** The address of a picture; undefined for one that is not there. */
  address(picture: string): string | undefined
}

const isZip = (path: string): boolean => /\.zip$/i.test(path)

/** The part of the page that reads other makers' formats is as large as the rest of it: it comes with the first such lesson. */
const importer = () => import('../import/import-lesson.ts')

/**
 * @param images references of the site's images
 * Rejects with EngineError: what the files are not, or the first fault of the lesson in them.
 */
export async function openFiles(
  brought: readonly BroughtFile[],
  images: Iterable<string> = [],
): Promise<OwnLesson> {
  const { collectFiles } = await import('../import/lesson-files.ts')
  const [only] = brought
  if (only === undefined) throw new EngineError('not-found', 'there is no file in what was chosen')
  if (brought.length === 1 && isZip(only.path)) {
    const bytes = await bytesOf(only)
    return openFolder(nameOf(only.path), await collectFiles(readZip(bytes)), images)
  }
  const entries = brought.map((each): FileEntry => ({
    path: each.path,
    size: each.file.size,
    read: () => bytesOf(each),
  }))
  const top = new Set(brought.map(({ path }) => path.split('/')[0]!))
  const [folder] = top
  return openFolder(
    top.size === 1 && only.path.includes('/') ? folder! : 'lesson',
    await collectFiles(entries),
    images,
  )
}

async function bytesOf({ path, file }: BroughtFile): Promise<Uint8Array> {
  const most = isZip(path) ? IMPORT_LIMITS.zipBytes : IMPORT_LIMITS.fileBytes
  if (file.size > most) throw new EngineError('too-large', `${path.slice(0, 80)} has more than ${most} bytes`)
  try {
    return new Uint8Array(await file.arrayBuffer())
  } catch (error) {
    throw new EngineError('unavailable', `${path.slice(0, 80)} cannot be read`, {}, error)
  }
}

async function openFolder(named: string, files: LessonFiles, images: Iterable<string>): Promise<OwnLesson> {
  const { importLesson } = await importer()
  const imported = importLesson(named, files, images)
  return ownLesson(imported, undefined, (path) => pictureAddress(path, files.files.get(path)))
}

/** An SVG needs its type to be shown; what is in it runs nothing in an `<img>`. */
export function pictureAddress(path: string, bytes: Uint8Array | undefined): string | undefined {
  if (bytes === undefined) return undefined
  const extension = path.slice(path.lastIndexOf('.') + 1).toLowerCase()
  const type = { svg: 'image/svg+xml', jpg: 'image/jpeg' }[extension] ?? `image/${extension}`
  return URL.createObjectURL(new Blob([bytes as Uint8Array<ArrayBuffer>], { type }))
}

/** @param address the address of a file of the folder; called once for each picture that is shown */
export function ownLesson(
  { kind, lesson, title, pictureFile }: ImportedLesson,
  place: string | undefined,
  address: (path: string) => string | undefined,
): OwnLesson {
  const known = new Map<string, string | undefined>()
  return {
    ...{ lesson, kind, place, title },
    address: (picture) => {
      if (!known.has(picture)) {
        const path = pictureFile(picture)
        known.set(picture, path === undefined ? undefined : address(path))
      }
      return known.get(picture)
    },
  }
}

export const nameOf = (path: string): string =>
  path.slice(path.lastIndexOf('/') + 1).replace(/\.zip$/i, '') || 'lesson'
