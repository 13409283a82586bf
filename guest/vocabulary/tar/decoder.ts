/** Reads a tar archive that is pushed in pieces of any size. The archive is untrusted. */
import { decodeByteString } from '../byte-string.ts'
import { TarFormatError } from './format-error.ts'
import { TAR_BLOCK, decodeTarHeader, isZeroBlock, paddingOf, type TarHeader } from './header.ts'
import { TYPE_OF_FLAG, type TarMember, type TarMemberType } from './member.ts'
import { decodePax, type PaxOverrides } from './pax-records.ts'

export interface PlacedTarMember extends TarMember {
  /** Where the content starts in the archive. */
  offset: number
}

export type TarEvent =
  | { kind: 'member'; member: PlacedTarMember }
  /** Content of the last member; a view of what was pushed. */
  | { kind: 'content'; bytes: Uint8Array }

/** Extended headers and GNU long names: large enough for every xattr Linux allows, small enough to hold. */
const MAX_META = 1 << 20

type State =
  | { at: 'header' }
  | { at: 'end' }
  | { at: 'meta'; type: string; content: Uint8Array; filled: number; padding: number }
  | { at: 'content'; left: number; padding: number }
  | { at: 'padding'; left: number }

export class TarDecoder {
  readonly #block = new Uint8Array(TAR_BLOCK)
  #filled = 0
  #position = 0
  #sawZeroBlock = false
  #state: State = { at: 'header' }
  #pax: PaxOverrides = {}
  #longName: string | undefined
  #longLink: string | undefined;

  /** Yields the events that the bytes complete; read it to its end. @throws TarFormatError */
  *push(bytes: Uint8Array): Generator<TarEvent> {
    for (let start = 0; start < bytes.length;) {
      const [taken, event] = this.#take(bytes.subarray(start))
      start += taken
      this.#position += taken
      if (event?.kind === 'member') event.member.offset = this.#position
      if (event !== undefined) yield event
    }
  }

  /**
   * Like Go's archive/tar, takes an archive without its end marker and even without the last member's padding: that is
   * how `umoci insert` writes layers.
   * @throws TarFormatError when the archive stops inside a member
   */
  finish(): void {
    const { at } = this.#state
    if (at === 'end' || at === 'padding' || (at === 'header' && this.#filled === 0)) return
    throw new TarFormatError('the archive is truncated', 'truncated')
  }

  #take(bytes: Uint8Array): [taken: number, event?: TarEvent] {
    const state = this.#state
    switch (state.at) {
      case 'header':
        return this.#takeHeader(bytes)
      case 'meta':
        return [this.#takeMeta(state, bytes)]
      case 'content': {
        const content = bytes.subarray(0, state.left)
        state.left -= content.length
        if (state.left === 0) this.#state = afterContent(state.padding)
        return [content.length, { kind: 'content', bytes: content }]
      }
      case 'padding': {
        const taken = Math.min(state.left, bytes.length)
        state.left -= taken
        if (state.left === 0) this.#state = { at: 'header' }
        return [taken]
      }
      case 'end': // Whatever stands after the end marker is padding.
        return [bytes.length]
    }
  }

  #takeHeader(bytes: Uint8Array): [taken: number, event?: TarEvent] {
    const part = bytes.subarray(0, TAR_BLOCK - this.#filled)
    this.#block.set(part, this.#filled)
    this.#filled += part.length
    if (this.#filled < TAR_BLOCK) return [part.length]
    this.#filled = 0
    return [part.length, this.#header()]
  }

  #takeMeta(state: State & { at: 'meta' }, bytes: Uint8Array): number {
    const part = bytes.subarray(0, state.content.length - state.filled)
    state.content.set(part, state.filled)
    state.filled += part.length
    if (state.filled === state.content.length) {
      this.#meta(state.type, state.content)
      this.#state = afterContent(state.padding)
    }
    return part.length
  }

  #header(): TarEvent | undefined {
    if (isZeroBlock(this.#block)) {
      if (this.#sawZeroBlock) this.#state = { at: 'end' }
      this.#sawZeroBlock = true
      return undefined
    }
    if (this.#sawZeroBlock) throw new TarFormatError('something follows the end marker')
    const header = decodeTarHeader(this.#block)
    if (header.size < 0) throw new TarFormatError('a header has a negative size')
    if (!'xgLK'.includes(header.type)) return { kind: 'member', member: this.#member(header) }
    if (header.size > MAX_META)
      throw new TarFormatError(`an extended header of ${header.size} bytes is too large`, 'field-too-long')
    if (header.size > 0)
      this.#state = {
        at: 'meta',
        type: header.type,
        content: new Uint8Array(header.size),
        filled: 0,
        padding: paddingOf(header.size),
      }
    return undefined
  }

  #meta(type: string, content: Uint8Array): void {
    const end = content.indexOf(0)
    const name = content.subarray(0, end < 0 ? content.length : end)
    if (type === 'x') this.#pax = decodePax(content)
    else if (type === 'L') this.#longName = decodeByteString(name)
    else if (type === 'K') this.#longLink = decodeByteString(name)
    // Global headers ('g') carry comments such as git's commit; like Go's archive/tar, they change no member.
  }

  #member(header: TarHeader): PlacedTarMember {
    const pax = this.#pax
    const path = pax.path ?? this.#longName ?? decodeByteString(header.name)
    const link = pax.linkpath ?? this.#longLink ?? decodeByteString(header.linkName)
    this.#pax = {}
    this.#longName = undefined
    this.#longLink = undefined
    const type = memberType(header.type, path)
    // Only files have content, whatever the size field of others says.
    const size = type === 'file' ? (pax.size ?? header.size) : 0
    if (size > 0) this.#state = { at: 'content', left: size, padding: paddingOf(size) }
    return {
      type,
      path,
      link,
      mode: header.mode,
      uid: pax.uid ?? header.uid,
      gid: pax.gid ?? header.gid,
      mtime: pax.mtime?.seconds ?? header.mtime,
      nanoseconds: pax.mtime?.nanoseconds ?? 0,
      size,
      offset: 0,
      device: header.device,
      xattrs: pax.xattrs ?? {},
    }
  }
}

const afterContent = (padding: number): State =>
  padding === 0 ? { at: 'header' } : { at: 'padding', left: padding }

function memberType(flag: string, path: string): TarMemberType {
  const type = TYPE_OF_FLAG[flag]
  if (flag === 'S') throw new TarFormatError(`${path}: sparse files are not supported`, 'sparse')
  if (type === undefined)
    throw new TarFormatError(`${path}: member type ${JSON.stringify(flag)} is not supported`, 'member')
  // Before ustar, a trailing slash was what made a directory.
  return type === 'file' && path.endsWith('/') ? 'directory' : type
}
