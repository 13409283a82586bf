/** The launcher's errno of an archive step in Docker's words (moby, daemon/archive.go, pkg/archive). */
import { posix } from 'node:path'
import { EngineError, type ErrorCode } from '../../protocol/errors.ts'
import type { Container } from '../lifecycle/container.ts'
import { ERRNO, errnoText, type ErrnoName } from '../oci/errno.ts'

const number = (name: ErrnoName): number => ERRNO[name][0]
const quoted = (text: string): string => JSON.stringify(text)

/** A member of the archive, or the file in its place, was refused. */
function memberSentence(errno: number, destination: string, member: string): string | undefined {
  const path = posix.join('/', destination, member)
  switch (errno) {
    case number('EISDIR'):
      return `cannot overwrite directory ${quoted(path)} with non-directory ${quoted(destination)}`
    case number('EEXIST'):
      return `cannot overwrite non-directory ${quoted(path)} with directory ${quoted(destination)}`
    case number('EXDEV'):
      return `${quoted(member)} is outside of ${quoted(destination)}`
    case number('EOPNOTSUPP'):
      return `unhandled tar header type of ${quoted(member)}`
    default:
      return `${path}: ${errnoText(errno)}`
  }
}

function archiveSentence(errno: number): string | undefined {
  if (errno === number('EBADMSG')) return 'archive/tar: invalid tar header'
  if (errno === number('EFBIG')) return 'archive/tar: header field too long'
  if (errno === number('EOPNOTSUPP')) return 'archive/tar: sparse files are not supported'
  return errno === number('ENODATA') ? 'unexpected EOF' : undefined
}

function readOnlySentence({ record }: Container, path: string): string {
  const inVolume = record.mounts.some(
    ({ destination, point }) => !point.RW && (path === destination || path.startsWith(`${destination}/`)),
  )
  return inVolume ? 'mounted volume is marked read-only' : 'container rootfs is marked read-only'
}

function sentence(
  details: Record<string, unknown>,
  container: Container,
  path: string,
): [ErrorCode, string] | undefined {
  const { op, errno, path: member } = details
  if (typeof op !== 'string' || typeof errno !== 'number') return undefined
  const name = typeof member === 'string' ? member : undefined
  const absolute = posix.join('/', path)
  if (op === 'resolve-user')
    return [
      'internal',
      `unable to find user ${container.record.config.User}: no matching entries in passwd file`,
    ]
  if (op !== 'path-stat' && !op.startsWith('tar-')) return undefined
  if (op === 'tar-unpack' && errno === number('EROFS'))
    return ['invalid', readOnlySentence(container, posix.join(absolute, name ?? ''))]
  if (name !== undefined && op === 'tar-unpack') {
    const said = memberSentence(errno, absolute, name)
    return said === undefined ? undefined : ['internal', said]
  }
  if (errno === number('ENOENT'))
    return ['not-found', `Could not find the file ${path} in container ${container.plainName}`]
  if (op === 'tar-unpack' && errno === number('ENOTDIR'))
    return ['invalid', 'extraction point is not a directory']
  const said = op === 'tar-unpack' ? archiveSentence(errno) : undefined
  return ['internal', said ?? `lstat ${absolute}: ${errnoText(errno)}`]
}

/** Whatever is no failure of an archive step comes back as it is. */
export function archiveError(thrown: unknown, container: Container, path: string): EngineError {
  const error = EngineError.from(thrown)
  const said = sentence(error.details, container, path)
  return said === undefined ? error : new EngineError(said[0], said[1], error.details, error)
}
