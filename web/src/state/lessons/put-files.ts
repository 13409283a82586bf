/** Files of an imported lesson → the guest, in a few calls. */
import { EngineError } from '../../../../guest/protocol/errors.ts'
import type { LessonGuest } from '../../lessons/checks/lesson-guest.ts'
import type { GuestFile } from '../../lessons/format/lesson.ts'

/** Bytes of a part, a multiple of three, so that parts of base64 end without padding; and of a call. */
const PART = 24_576
const CALL = 49_152
/** Words of a call, of which each part has three. */
const MAX_WORDS = 300

/** `w` begins a file anew, `a` adds to it; an `x` makes it executable. */
const SCRIPT = `set -e
while [ $# -gt 0 ]; do
  mkdir -p -- "$(dirname -- "$2")"
  case $1 in w*) : > "$2" ;; esac
  printf %s "$3" | base64 -d >> "$2"
  case $1 in *x) chmod +x -- "$2" ;; esac
  shift 3
done`

/** Rejects with EngineError `internal` when the guest has no room, or a path cannot be. */
export async function putFiles(guest: Pick<LessonGuest, 'run'>, files: readonly GuestFile[]): Promise<void> {
  for (const words of callsFor(files)) {
    const { code, stderr } = await guest.run(['sh', '-c', SCRIPT, 'sh', ...words])
    if (code !== 0)
      throw new EngineError(
        'internal',
        `the lesson's files could not be written: ${stderr.trim().slice(-500)}`,
      )
  }
}

function* callsFor(files: readonly GuestFile[]): Generator<string[]> {
  let [words, bytes]: [string[], number] = [[], 0]
  for (const { path, bytes: content, executable } of files) {
    for (let at = 0; at === 0 || at < content.length; at += PART) {
      const part = content.subarray(at, at + PART)
      if (bytes + part.length > CALL || words.length >= MAX_WORDS) {
        yield words
        ;[words, bytes] = [[], 0]
      }
      words.push(`${at === 0 ? 'w' : 'a'}${executable ? 'x' : ''}`, path, base64(part))
      bytes += part.length
    }
  }
  if (words.length > 0) yield words
}

const base64 = (bytes: Uint8Array): string =>
  btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''))
