/**
 * The files of an image build in the page: normalises their names to those of a build context, and packs the tar that
 * the engine takes.
 */
import { packTar } from 'modern-tar'
import { EngineError } from '../../../../guest/protocol/errors.ts'

export interface BuildFile {
  /** The path relative to the context: `src/main.py`. */
  path: string
  bytes: Uint8Array<ArrayBuffer>
}

/** The part of a browser's File that is used, with its place in what was chosen or dropped. */
export interface ChosenFile {
  path: string
  file: { size: number; arrayBuffer(): Promise<ArrayBuffer> }
}

/** Bytes of all files together: the guest unpacks them in the memory that everything else in it shares. */
export const MAX_CONTEXT = 64 << 20
/** Bytes that can still be edited as text without the page becoming slow. */
const MAX_EDITABLE = 256 << 10
/** Linux: NAME_MAX and PATH_MAX. */
const MAX_NAME = 255
const MAX_PATH = 4095

const encoder = new TextEncoder()

export const textFile = (path: string, text: string): BuildFile => ({ path, bytes: encoder.encode(text) })

/** The text of a file that can be edited; undefined when it is not UTF-8, or too large. */
export function editableText({ bytes }: BuildFile): string | undefined {
  if (bytes.length > MAX_EDITABLE || bytes.includes(0)) return undefined
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return undefined // The bytes are not UTF-8.
  }
}

/**
 * Removes `./` and doubled slashes. @throws EngineError `invalid` for a name that leads out of the context, or is no
 * path
 */
export function contextPath(text: string): string {
  const names = text.trim().replaceAll('\\', '/').split('/')
  const path = names.filter((name) => name !== '' && name !== '.').join('/')
  if (path === '' || names.includes('..') || path.includes('\0'))
    throw new EngineError(
      'invalid',
      `"${text}" is no name of a file in the build context: use e.g. src/app.py`,
      { path: text },
    )
  const long = encoder.encode(path).length > MAX_PATH
  if (long || names.some((name) => encoder.encode(name).length > MAX_NAME))
    throw new EngineError('invalid', `"${text.slice(0, 40)}…" is too long for a file name`, { path: text })
  return path
}

/**
 * Reads the files; of several with one name it keeps the last. @throws EngineError `too-large` before anything is read,
 * `invalid` for a name
 */
export async function readFiles(chosen: readonly ChosenFile[]): Promise<BuildFile[]> {
  const total = chosen.reduce((sum, { file }) => sum + file.size, 0)
  if (total > MAX_CONTEXT)
    throw new EngineError(
      'too-large',
      `the files have ${Math.ceil(total / (1 << 20))} MiB, and a build context of the page may have ${MAX_CONTEXT >> 20}`,
    )
  const byPath = new Map(chosen.map(({ path, file }) => [contextPath(path), file]))
  return Promise.all(
    Array.from(byPath, async ([path, file]) => ({ path, bytes: new Uint8Array(await file.arrayBuffer()) })),
  )
}

/**
 * Browsers know no modes, so all files are executable, as in contexts that Docker's client sends from Windows
 * (docker/cli cli/command/image/build.go).
 */
export function packContext(files: readonly BuildFile[]): Promise<Uint8Array> {
  const entry = ({ path, bytes }: BuildFile) => ({
    header: { name: path, size: bytes.length, mode: 0o755, type: 'file' as const, mtime: new Date() },
    body: bytes,
  })
  return packTar(files.map(entry))
}
