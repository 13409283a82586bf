/** Decides where a copy goes and under which name, by Docker's rules (moby, pkg/archive/copy.go). Pure. */
import { posix } from 'node:path'
import { CliError } from '../../../shared/cli-error.ts'

export interface CopySource {
  path: string
  isDirectory: boolean
  /** The name that the archive's members have instead of the path's own; empty: the path's own. */
  name: string
}

export interface CopyDestination {
  path: string
  exists: boolean
  isDirectory: boolean
}

/** True for `.` and paths that end in `/.` as written: they mean the content of the directory. */
export const meansContent = (path: string): boolean => lastName(path) === '.'
export const assertsDirectory = (path: string): boolean => path.endsWith('/') || meansContent(path)

/** The last name of a path, as Go's filepath.Base has it. */
function lastName(path: string): string {
  if (path === '') return '.'
  const trimmed = path.replace(/\/+$/, '')
  return trimmed === '' ? '/' : trimmed.slice(trimmed.lastIndexOf('/') + 1)
}

/** Restores an end of the path that cleaning removed although it has a meaning: `/.` or `/`. */
export function keepEnd(cleaned: string, original: string): string {
  let path = cleaned
  if (!meansContent(path) && meansContent(original)) path += path.endsWith('/') ? '.' : '/.'
  return !path.endsWith('/') && original.endsWith('/') ? `${path}/` : path
}

const clean = (path: string): string => posix.normalize(path || '.').replace(/(.)\/$/, '$1')

/** Splits the cleaned path into directory and last name; keeps a last `.` as written. */
export function splitPath(path: string): { directory: string; name: string } {
  const cleaned = clean(path)
  if (!meansContent(path)) return { directory: posix.dirname(cleaned), name: posix.basename(cleaned) || '/' }
  return { directory: cleaned, name: '.' }
}

/**
 * The directory to unpack into, and the name that the archive's first name becomes there.
 * @throws CliError when a file and a directory would have to change places
 */
export function placeCopy(
  source: CopySource,
  destination: CopyDestination,
): { directory: string; name?: string } {
  if (destination.exists && destination.isDirectory) return { directory: destination.path }
  if (destination.exists && source.isDirectory) throw new CliError('cannot copy directory')
  if (!destination.exists && !source.isDirectory && assertsDirectory(destination.path))
    throw new CliError('no such directory')
  const { directory, name } = splitPath(destination.path)
  return { directory, name }
}

/** The first name of an archive of this source. */
export const archiveName = ({ path, name }: CopySource): string => name || splitPath(path).name

/** Follows a link: the archive keeps the link's name, and a meaningful end of the path moves to the target. */
export function followed(path: string, target: string): { path: string; name: string } {
  const resolved = keepEnd(target, path)
  return { path: resolved, name: lastName(path) === lastName(resolved) ? '' : lastName(path) }
}

/** Splits `CONTAINER:PATH`; an argument that begins with a slash or a dot, or has no colon, is a local path. */
export function splitCopyArgument(argument: string): { container: string; path: string } {
  const colon = argument.indexOf(':')
  if (argument.startsWith('/') || colon < 0 || argument.startsWith('.'))
    return { container: '', path: argument }
  return { container: argument.slice(0, colon), path: argument.slice(colon + 1) }
}
