/** Failures of the launcher's archive steps in the words of Docker's untar (moby, pkg/archive) and Go's archive/tar. Pure. */
import { posix } from 'node:path'
import { ERRNO, errnoText, type ErrnoName } from './errno.ts'

const number = (name: ErrnoName): number => ERRNO[name][0]
const quoted = (text: string): string => JSON.stringify(text)

/** The archive's member, or the file in its place, was refused. `destination` is the directory it should have gone to. */
export function memberSentence(errno: number, destination: string, member: string): string {
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

/** The archive itself is at fault; undefined for every other errno. */
export function archiveSentence(errno: number): string | undefined {
  if (errno === number('EBADMSG')) return 'archive/tar: invalid tar header'
  if (errno === number('EFBIG')) return 'archive/tar: header field too long'
  if (errno === number('EOPNOTSUPP')) return 'archive/tar: sparse files are not supported'
  return errno === number('ENODATA') ? 'unexpected EOF' : undefined
}
