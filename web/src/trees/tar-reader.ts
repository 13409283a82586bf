/** Reads a tar stream pushed in pieces of any size and hands over each member; contents are skipped, not kept. */
import { decodeByteString } from './byte-string.ts'
import { decodePax, type PaxOverrides } from './pax-records.ts'
import { TAR_BLOCK, TarFormatError, decodeTarHeader, isZeroBlock, type TarHeader } from './tar-header.ts'

export type TarMemberType = 'file' | 'hardlink' | 'symlink' | 'character' | 'block' | 'directory' | 'fifo'

export interface TarMember {
  type: TarMemberType
  /** As in the archive. */
  path: string
  /** Target of a symbolic or hard link. */
  link: string
  /** Permission bits with set-uid, set-gid and sticky. */
  mode: number
  uid: number
  gid: number
  mtime: number
  nanoseconds: number
  size: number
  /** Where the content starts in the archive. */
  offset: number
  device: [major: number, minor: number]
  xattrs: Record<string, Uint8Array>
}

const TYPES: Readonly<Record<string, TarMemberType>> = {
  '0': 'file',
  '1': 'hardlink',
  '2': 'symlink',
  '3': 'character',
  '4': 'block',
  '5': 'directory',
  '6': 'fifo',
  '7': 'file',
}

/** Extended headers and GNU long names: large enough for every xattr Linux allows, small enough to hold. */
const MAX_META = 1 << 20

type State =
  | { at: 'header' }
  | { at: 'end' }
  | { at: 'meta'; type: string; content: Uint8Array; filled: number; padding: number }
  | { at: 'skip'; left: number; padding: number }

export class TarReader {
  private readonly onMember: (member: TarMember) => void
  private readonly block = new Uint8Array(TAR_BLOCK)
  private filled = 0
  private position = 0
  private sawZeroBlock = false
  private state: State = { at: 'header' }
  private pax: PaxOverrides = {}
  private longName: string | undefined
  private longLink: string | undefined

  constructor(onMember: (member: TarMember) => void) {
    this.onMember = onMember
  }

  /** @throws TarFormatError */
  push(bytes: Uint8Array): void {
    let start = 0
    while (start < bytes.length && this.state.at !== 'end') start += this.consume(bytes.subarray(start))
    // Whatever stands after the end marker is padding.
    this.position += bytes.length - start
  }

  /**
   * Like Go's archive/tar, takes an archive without its end marker and even without the last member's padding: that is
   * how `umoci insert` writes layers.
   * @throws TarFormatError when the archive stops inside a member
   */
  finish(): void {
    const { state } = this
    if (state.at === 'end' || (state.at === 'header' && this.filled === 0)) return
    if (state.at === 'skip' && state.left <= state.padding) return
    throw new TarFormatError('the archive is truncated')
  }

  private consume(bytes: Uint8Array): number {
    const state = this.state
    if (state.at === 'skip') {
      const taken = Math.min(state.left, bytes.length)
      this.position += taken
      state.left -= taken
      if (state.left === 0) this.state = { at: 'header' }
      return taken
    }
    if (state.at === 'meta') return this.consumeMeta(state, bytes)
    const taken = Math.min(TAR_BLOCK - this.filled, bytes.length)
    this.block.set(bytes.subarray(0, taken), this.filled)
    this.filled += taken
    this.position += taken
    if (this.filled === TAR_BLOCK) {
      this.filled = 0
      this.state = this.header()
    }
    return taken
  }

  private consumeMeta(state: State & { at: 'meta' }, bytes: Uint8Array): number {
    const taken = Math.min(state.content.length - state.filled, bytes.length)
    state.content.set(bytes.subarray(0, taken), state.filled)
    state.filled += taken
    this.position += taken
    if (state.filled === state.content.length) {
      this.meta(state.type, state.content)
      this.state = state.padding === 0 ? { at: 'header' } : { at: 'skip', left: state.padding, padding: 0 }
    }
    return taken
  }

  private header(): State {
    if (isZeroBlock(this.block)) {
      if (this.sawZeroBlock) return { at: 'end' }
      this.sawZeroBlock = true
      return { at: 'header' }
    }
    if (this.sawZeroBlock) throw new TarFormatError('something follows the end marker')
    const header = decodeTarHeader(this.block)
    if (header.size < 0) throw new TarFormatError('a header has a negative size')
    const padding = -header.size & (TAR_BLOCK - 1)
    if ('xgLK'.includes(header.type)) {
      if (header.size > MAX_META)
        throw new TarFormatError(`an extended header of ${header.size} bytes is too large`)
      if (header.size === 0) return { at: 'header' }
      return { at: 'meta', type: header.type, content: new Uint8Array(header.size), filled: 0, padding }
    }
    return this.member(header)
  }

  private meta(type: string, content: Uint8Array): void {
    const end = content.indexOf(0)
    const name = content.subarray(0, end < 0 ? content.length : end)
    if (type === 'x') this.pax = decodePax(content)
    else if (type === 'L') this.longName = decodeByteString(name)
    else if (type === 'K') this.longLink = decodeByteString(name)
    // Global headers ('g') carry comments such as git's commit; like Go's archive/tar, they change no member.
  }

  private member(header: TarHeader): State {
    const { pax } = this
    const path = pax.path ?? this.longName ?? decodeByteString(header.name)
    const link = pax.linkpath ?? this.longLink ?? decodeByteString(header.linkName)
    this.pax = {}
    this.longName = undefined
    this.longLink = undefined
    const type = memberType(header.type, path)
    // Only files have content, whatever the size field of others says.
    const size = type === 'file' ? (pax.size ?? header.size) : 0
    this.onMember({
      type,
      path,
      link,
      mode: header.mode,
      uid: pax.uid ?? header.uid,
      gid: pax.gid ?? header.gid,
      mtime: pax.mtime?.seconds ?? header.mtime,
      nanoseconds: pax.mtime?.nanoseconds ?? 0,
      size,
      offset: this.position,
      device: header.device,
      xattrs: pax.xattrs ?? {},
    })
    const padding = -size & (TAR_BLOCK - 1)
    return size === 0 ? { at: 'header' } : { at: 'skip', left: size + padding, padding }
  }
}

function memberType(flag: string, path: string): TarMemberType {
  const type = TYPES[flag]
  if (flag === 'S') throw new TarFormatError(`${path}: sparse files are not supported`)
  if (type === undefined)
    throw new TarFormatError(`${path}: member type ${JSON.stringify(flag)} is not supported`)
  // Before ustar, a trailing slash was what made a directory.
  return type === 'file' && path.endsWith('/') ? 'directory' : type
}
