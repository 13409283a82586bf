/** The longer replies of the 9P server, as bytes. Field layouts are quoted from diod's protocol.md. */
import { encodeByteString } from '../../../guest/vocabulary/byte-string.ts'
import { S_IFMT, type DirectoryEntry, type FileNode } from '../trees/file-tree.ts'
import { ERRNO, MessageWriter, NineError, QID_SIZE, type MessageReader, type Qid } from './nine-wire.ts'

export interface Call {
  readonly type: number
  readonly tag: number
  /** True once the request has been answered or flushed: it may change nothing any more. */
  abandoned: boolean
}

/** size[4] type[1] tag[2] count[4] before the data of Rread and Rreaddir. */
export const DATA_HEADER = 11
const V9FS_MAGIC = 0x01021997
const BLOCK_SIZE = 4096
const NAME_MAX = 255
/** P9_GETATTR_BASIC: mode up to blocks. */
const GETATTR_BASIC = 0x7ff
const GETATTR_SIZE = 153
const STATFS_SIZE = 60
/** A directory entry without its name: qid[13] offset[8] type[1] length[2]. */
const DIRENT_SIZE = QID_SIZE + 11
const LOCK_TYPE_UNLOCK = 2

export function reply(call: Call, size: number): MessageWriter {
  return new MessageWriter(call.type + 1, call.tag, size)
}

/** valid[8] qid[13] mode[4] uid[4] gid[4] nlink[8] rdev[8] size[8] blksize[8] blocks[8] times… gen[8] data_version[8] */
export function attributesReply(call: Call, node: FileNode, qid: Qid): Uint8Array {
  const writer = reply(call, GETATTR_SIZE).u64(GETATTR_BASIC).qid(qid)
  writer.u32(node.mode).u32(node.uid).u32(node.gid).u64(node.nlink).u64(node.rdev)
  writer
    .u64(node.size)
    .u64(BLOCK_SIZE)
    .u64(Math.ceil(node.size / 512))
  for (let time = 0; time < 3; time++) writer.u64(node.mtime).u64(node.nanoseconds)
  // btime, gen and data_version stay 0: they are not in the valid mask.
  return writer.bytes
}

/**
 * count[4] n*(qid[13] offset[8] type[1] name[s]): as many entries from `offset` on as fit `count` bytes.
 * @throws NineError EINVAL when not even one fits: an empty answer would mean the end of the directory
 */
export function directoryReply(
  call: Call,
  entries: readonly DirectoryEntry[],
  offset: number,
  count: number,
  qidOf: (node: FileNode) => Qid,
): Uint8Array {
  const names: Uint8Array[] = []
  let size = 0
  for (let index = offset; index < entries.length; index++) {
    const name = encodeByteString(entries[index]!.name)
    if (size + DIRENT_SIZE + name.length > count) break
    size += DIRENT_SIZE + name.length
    names.push(name)
  }
  if (size === 0 && offset < entries.length) throw new NineError(ERRNO.EINVAL, `no entry fits ${count} bytes`)
  const writer = reply(call, 4 + size).u32(size)
  names.forEach((name, index) => {
    const { node } = entries[offset + index]!
    // An entry's offset is where the next call goes on: after it.
    writer.qid(qidOf(node)).u64(offset + index + 1)
    writer.u8((node.mode & S_IFMT) >> 12).string(name)
  })
  return writer.bytes
}

/** type[4] bsize[4] blocks[8] bfree[8] bavail[8] files[8] ffree[8] fsid[8] namelen[4] */
export function statfsReply(call: Call, files: number): Uint8Array {
  const writer = reply(call, STATFS_SIZE).u32(V9FS_MAGIC).u32(BLOCK_SIZE)
  for (let field = 0; field < 3; field++) writer.u64(0)
  return writer.u64(files).u64(0).u64(0).u32(NAME_MAX).bytes
}

/** type[1] start[8] length[8] proc_id[4] client_id[s], asked and answered: the type says that nobody else holds it. */
export function getlockReply(call: Call, reader: MessageReader): Uint8Array {
  reader.u8()
  const start = reader.u64()
  const length = reader.u64()
  const process = reader.u32()
  const client = encodeByteString(reader.string())
  const writer = reply(call, 23 + client.length).u8(LOCK_TYPE_UNLOCK)
  return writer.u64(start).u64(length).u32(process).string(client).bytes
}

/** count[4] data[count] of an attribute's value. */
export function xattrReply(
  call: Call,
  node: FileNode,
  name: string,
  offset: number,
  count: number,
): Uint8Array {
  const part = xattrValue(node, name).subarray(offset, offset + count)
  return reply(call, 4 + part.length)
    .u32(part.length)
    .raw(part).bytes
}

/** The value of an attribute, or for '' the NUL-terminated names of all, as listxattr(2) has them. */
export function xattrValue(node: FileNode, name: string): Uint8Array {
  if (name === '')
    return encodeByteString(Array.from(node.xattrs?.keys() ?? [], (key) => `${key}\0`).join(''))
  const value = node.xattrs?.get(name)
  if (value === undefined) throw new NineError(ERRNO.ENODATA, `no attribute ${name}`)
  return value
}
