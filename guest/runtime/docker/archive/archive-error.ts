/** Words the launcher's errno of an archive step as Docker does (moby, daemon/archive.go, archive_unix.go). */
import { posix } from 'node:path'
import { EngineError, type ErrorCode } from '../../../protocol/errors.ts'
import type { Container } from '../state/container.ts'
import { archiveSentence, memberSentence } from '../../plan/archive-sentences.ts'
import { ERRNO, errnoText } from '../../plan/errno.ts'

const ENOENT = ERRNO.ENOENT[0]
const ENOTDIR = ERRNO.ENOTDIR[0]
const EROFS = ERRNO.EROFS[0]

type Said = [ErrorCode, string]

interface StepFailure {
  op: string
  errno: number
  /** The name of the archive's member that failed. */
  member: string | undefined
}

function failureOf({ op, errno, path }: Record<string, unknown>): StepFailure | undefined {
  if (typeof op !== 'string' || typeof errno !== 'number') return undefined
  return { op, errno, member: typeof path === 'string' ? path : undefined }
}

function readOnlySentence({ record }: Container, path: string): string {
  const inVolume = record.mounts.some(
    ({ destination, point }) => !point.RW && (path === destination || path.startsWith(`${destination}/`)),
  )
  return inVolume ? 'mounted volume is marked read-only' : 'container rootfs is marked read-only'
}

function unpackSaid({ errno, member }: StepFailure, container: Container, path: string): Said | undefined {
  if (errno === EROFS) return ['invalid', readOnlySentence(container, posix.join(path, member ?? ''))]
  if (member !== undefined) return ['internal', memberSentence(errno, path, member)]
  if (errno === ENOTDIR) return ['invalid', 'extraction point is not a directory']
  const said = archiveSentence(errno)
  return said === undefined ? undefined : ['internal', said]
}

function said(failure: StepFailure, container: Container, path: string, calledBy: string): Said | undefined {
  const { op, errno, member } = failure
  if (op === 'resolve-user') {
    const { User } = container.record.config
    return ['internal', `unable to find user ${User}: no matching entries in passwd file`]
  }
  if (op !== 'path-stat' && !op.startsWith('tar-')) return undefined
  const absolute = posix.join('/', path)
  if (errno === ENOENT && member === undefined)
    return ['not-found', `Could not find the file ${path} in container ${calledBy}`]
  const unpacking = op === 'tar-unpack' ? unpackSaid(failure, container, absolute) : undefined
  return unpacking ?? ['internal', `lstat ${absolute}: ${errnoText(errno)}`]
}

/**
 * Words the failure of an archive step as Docker does; any other failure comes back as it is.
 * @param calledBy what the client called the container by, as the sentence has it
 */
export function archiveError(
  thrown: unknown,
  container: Container,
  path: string,
  calledBy: string,
): EngineError {
  const error = EngineError.from(thrown)
  const failure = failureOf(error.details)
  const answer = failure && said(failure, container, path, calledBy)
  return answer === undefined ? error : new EngineError(answer[0], answer[1], error.details, error)
}
