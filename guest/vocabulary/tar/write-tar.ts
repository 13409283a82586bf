/** Tar archives as everyone reads them: ustar, with a pax header before a member whose numbers or names it can't hold. */
import { encodeByteString } from '../byte-string.ts'
import { concatBytes } from '../concat-bytes.ts'
import {
  TAR_BLOCK,
  encodeTarHeader,
  fitsField,
  fitsLinkName,
  paddingOf,
  splitName,
  type TarHeader,
} from './header.ts'
import { FLAG_OF_TYPE, type TarMember } from './member.ts'
import { encodePax, type PaxOverrides } from './pax-records.ts'

/** Fields that are left out describe a file that root owns, that everyone may read, and that dates from the epoch. */
export type TarEntry = Pick<TarMember, 'path'> & Partial<TarMember>

const DEFAULT_MODE = { directory: 0o755, symlink: 0o777 } as const
const NOTHING = new Uint8Array(0)
const encoder = new TextEncoder()

/** Two zero blocks. */
export const TAR_END: Uint8Array = new Uint8Array(2 * TAR_BLOCK)

/**
 * The blocks before a member's content; the content follows, padded with zeros to a whole block.
 * @throws TarFormatError for a device number that no header holds
 */
export function encodeTarEntry(entry: TarEntry): Uint8Array {
  const { type = 'file', path, link = '', uid = 0, gid = 0, size = 0, mtime = 0, nanoseconds = 0 } = entry
  const { device = [0, 0], xattrs = {} } = entry
  const mode = entry.mode ?? (type === 'directory' || type === 'symlink' ? DEFAULT_MODE[type] : 0o644)
  const header: TarHeader = {
    type: FLAG_OF_TYPE[type],
    name: encodeByteString(path),
    linkName: encodeByteString(link),
    ...{ mode, uid, gid, size, mtime, device },
  }
  const pax: PaxOverrides = {}
  if (splitName(header.name) === undefined) {
    pax.path = path
    header.name = header.name.subarray(0, 100)
  }
  if (!fitsLinkName(header.linkName)) {
    pax.linkpath = link
    header.linkName = NOTHING
  }
  for (const field of ['uid', 'gid', 'size'] as const) {
    if (fitsField(field, header[field])) continue
    pax[field] = header[field]
    header[field] = 0
  }
  if (nanoseconds !== 0 || !fitsField('mtime', mtime)) {
    pax.mtime = { seconds: mtime, nanoseconds }
    header.mtime = 0
  }
  if (Object.keys(xattrs).length > 0) pax.xattrs = xattrs
  const block = encodeTarHeader(header)
  return Object.keys(pax).length === 0 ? block : concatBytes([encodePaxHeader(pax), block])
}

function encodePaxHeader(pax: PaxOverrides): Uint8Array {
  const records = encodePax(pax)
  const header: TarHeader = {
    type: 'x',
    name: encoder.encode('PaxHeaders/member'),
    linkName: NOTHING,
    ...{ mode: 0o644, uid: 0, gid: 0, size: records.length, mtime: 0, device: [0, 0] },
  }
  return concatBytes([encodeTarHeader(header), records, new Uint8Array(paddingOf(records.length))])
}

/** An archive whose contents are in memory. */
export function packTar(entries: readonly (TarEntry & { content?: Uint8Array })[]): Uint8Array<ArrayBuffer> {
  const parts = entries.flatMap(({ content = NOTHING, ...entry }) => [
    encodeTarEntry({ ...entry, size: content.length }),
    content,
    new Uint8Array(paddingOf(content.length)),
  ])
  return concatBytes([...parts, TAR_END])
}
