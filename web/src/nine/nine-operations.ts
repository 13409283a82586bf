/** What each 9P2000.L request does. Field layouts are quoted from diod's protocol.md. */
import { encodeByteString } from '../../../guest/vocabulary/byte-string.ts'
import {
  S_IFDIR,
  S_IFLNK,
  S_IFMT,
  S_IFREG,
  chain,
  type DirectoryEntry,
  type FileNode,
  type FileTree,
  type MaybePromise,
} from '../trees/file-tree.ts'
import { InodeNumbers, type InodeRange } from '../trees/inode-numbers.ts'
import { FidTable, childPath, openSink, parentPath, type Fid, type SavedFid } from './nine-fids.ts'
import {
  DATA_HEADER,
  attributesReply,
  directoryReply,
  getlockReply,
  reply,
  statfsReply,
  xattrReply,
  xattrValue,
  type Call,
} from './nine-replies.ts'
import {
  CHANGES,
  ERRNO,
  MAX_WALK,
  NINE,
  NineError,
  QID_SIZE,
  type MessageReader,
  type Qid,
} from './nine-wire.ts'

type Operation = (call: Call, reader: MessageReader) => MaybePromise<Uint8Array>

const VERSION = '9P2000.L'
/** The least msize that leaves room for any reply but data. */
const MIN_MSIZE = 4096
const LOCK_SUCCESS = 0

export class NineOperations {
  private readonly root: FileTree
  private readonly maximum: number
  private readonly fids: FidTable
  private readonly inodes = new InodeNumbers()
  private readonly table: ReadonlyMap<number, Operation>
  private msize: number

  constructor(root: FileTree, msize: number) {
    this.root = root
    this.maximum = msize
    this.msize = msize
    this.fids = new FidTable(root)
    this.table = this.operations()
  }

  run(call: Call, reader: MessageReader): MaybePromise<Uint8Array> {
    const operation = this.table.get(call.type)
    if (operation === undefined)
      throw new NineError(ERRNO.EOPNOTSUPP, `request type ${call.type} is not known`)
    return operation(call, reader)
  }

  save(): { msize: number; fids: SavedFid[]; inodes: InodeRange[] } {
    return { msize: this.msize, fids: this.fids.save(), inodes: this.inodes.save() }
  }

  restore(state: { msize: number; fids: readonly SavedFid[]; inodes: readonly InodeRange[] }): void {
    this.fids.restore(state.fids)
    this.inodes.restore(state.inodes)
    this.msize = state.msize
  }

  private operations(): Map<number, Operation> {
    const readOnly: Operation = () => {
      throw new NineError(ERRNO.EROFS, 'the tree is read-only')
    }
    return new Map<number, Operation>([
      ...CHANGES.map((type) => [type, readOnly] as const),
      [NINE.Tversion, this.version],
      [NINE.Tattach, this.attach],
      [NINE.Twalk, this.walk],
      [NINE.Tlopen, this.lopen],
      [NINE.Tread, this.read],
      [NINE.Twrite, this.write],
      [NINE.Treaddir, this.readdir],
      [NINE.Tgetattr, this.getattr],
      [NINE.Treadlink, this.readlink],
      [NINE.Tstatfs, this.statfs],
      [NINE.Txattrwalk, this.xattrwalk],
      [NINE.Tfsync, this.fsync],
      [NINE.Tlock, this.lock],
      [NINE.Tgetlock, this.getlock],
      [NINE.Tclunk, this.clunk],
      [NINE.Tremove, this.remove],
    ])
  }

  /** msize[4] version[s] → msize[4] version[s] */
  private version: Operation = (call, reader) => {
    const msize = reader.u32()
    const asked = reader.string()
    const answer = encodeByteString(asked === VERSION ? VERSION : 'unknown')
    if (msize < MIN_MSIZE) throw new NineError(ERRNO.EINVAL, `an msize of ${msize} is too small`)
    this.msize = Math.min(msize, this.maximum)
    this.fids.clear()
    return reply(call, 6 + answer.length)
      .u32(this.msize)
      .string(answer).bytes
  }

  /** fid[4] afid[4] uname[s] aname[s] n_uname[4] → qid[13] */
  private attach: Operation = (call, reader) => {
    const number = reader.u32()
    reader.u32()
    reader.string()
    const aname = reader.string()
    this.fids.requireFree(number)
    const path = aname.replace(/\/+$/, '')
    return chain(this.fids.resolve(path), (node) => {
      if (node === undefined) throw new NineError(ERRNO.ENOENT, `${aname} does not exist`)
      if (!call.abandoned) this.fids.set(number, { path, node, open: false })
      return reply(call, QID_SIZE).qid(this.qid(node)).bytes
    })
  }

  /** fid[4] newfid[4] nwname[2] nwname*(wname[s]) → nwqid[2] nwqid*(wqid[13]) */
  private walk: Operation = (call, reader) => {
    const number = reader.u32()
    const newNumber = reader.u32()
    const count = reader.u16()
    if (count > MAX_WALK) throw new NineError(ERRNO.EINVAL, `a walk of ${count} names is too long`)
    const names = Array.from({ length: count }, () => reader.string())
    const from = this.fids.get(number)
    if (newNumber !== number) this.fids.requireFree(newNumber)
    if (count === 0) {
      // A clone needs no node: after a restore it looks its file up as late as its origin does.
      this.fids.set(newNumber, { path: from.path, node: from.node, open: false })
      return reply(call, 2).u16(0).bytes
    }
    return chain(this.fids.node(from), (node) =>
      chain(this.walkNames(from.path, node, names), (walked) => {
        const last = walked.at(-1)
        if (last === undefined)
          throw new NineError(node.directory ? ERRNO.ENOENT : ERRNO.ENOTDIR, `no ${names[0]}`)
        if (walked.length === count && !call.abandoned) {
          if (newNumber !== number) this.fids.requireFree(newNumber)
          this.fids.set(newNumber, { path: last.path, node: last.node, open: false })
        }
        const writer = reply(call, 2 + walked.length * QID_SIZE).u16(walked.length)
        for (const step of walked) writer.qid(this.qid(step.node))
        return writer.bytes
      }),
    )
  }

  /** The nodes of the steps that exist, in order; fewer than `names` when one does not. */
  private walkNames(path: string, node: FileNode, names: string[]): MaybePromise<Step[]> {
    const steps: Step[] = []
    const next = (at: FileNode, here: string): MaybePromise<Step[]> => {
      const name = names[steps.length]
      if (name === undefined || at.directory === undefined) return steps
      const path = childPath(here, name)
      const found = name === '.' ? at : name === '..' ? this.fids.resolve(path) : at.directory.lookup(name)
      return chain(found, (child) => {
        if (child === undefined) return steps
        steps.push({ path, node: child })
        return next(child, path)
      })
    }
    return next(node, path)
  }

  /** fid[4] flags[4] → qid[13] iounit[4] */
  private lopen: Operation = (call, reader) => {
    const fid = this.fids.get(reader.u32())
    const flags = reader.u32()
    return chain(this.fids.node(fid), (node) => {
      const sink = openSink(node, flags)
      if (!call.abandoned) Object.assign(fid, { open: true, sink })
      return reply(call, QID_SIZE + 4)
        .qid(this.qid(node))
        .u32(0).bytes
    })
  }

  /** fid[4] offset[8] count[4] → count[4] data[count] */
  private read: Operation = (call, reader) => {
    const fid = this.fids.get(reader.u32())
    const offset = reader.u64()
    const count = Math.min(reader.u32(), this.msize - DATA_HEADER)
    return chain(this.fids.node(fid), (node) => {
      if (fid.xattr !== undefined) return xattrReply(call, node, fid.xattr, offset, count)
      if (node.directory !== undefined) throw new NineError(ERRNO.EISDIR, `${fid.path} is a directory`)
      if ((node.mode & S_IFMT) !== S_IFREG)
        throw new NineError(ERRNO.EINVAL, `${fid.path} is not a regular file`)
      const length = Math.min(count, Math.max(0, node.size - offset))
      const writer = reply(call, 4 + length)
      // The tree fills the reply itself: the only copy on the way from the cache.
      const reading = node.tree.readInto(node, offset, writer.bytes.subarray(DATA_HEADER))
      return chain(reading, (done) => writer.finishCounted(done))
    })
  }

  /** fid[4] offset[8] count[4] data[count] → count[4] */
  private write: Operation = (call, reader) => {
    const { sink } = this.fids.get(reader.u32())
    if (sink === undefined) throw new NineError(ERRNO.EROFS, 'the tree is read-only')
    const offset = reader.u64()
    const bytes = reader.bytes(reader.u32())
    return chain(sink.write(offset, bytes), () => reply(call, 4).u32(bytes.length).bytes)
  }

  /** fid[4] offset[8] count[4] → count[4] n*(qid[13] offset[8] type[1] name[s]) */
  private readdir: Operation = (call, reader) => {
    const fid = this.fids.get(reader.u32())
    const offset = reader.u64()
    const count = Math.min(reader.u32(), this.msize - DATA_HEADER)
    return chain(this.directoryEntries(fid, offset === 0), (entries) =>
      directoryReply(call, entries, offset, count, (node) => this.qid(node)),
    )
  }

  /** `.`, `..` and the children, as seen when the directory was last read from its start. */
  private directoryEntries(fid: Fid, afresh: boolean): MaybePromise<readonly DirectoryEntry[]> {
    if (fid.entries !== undefined && !afresh) return fid.entries
    return chain(this.fids.node(fid), (node) => {
      if (node.directory === undefined) throw new NineError(ERRNO.ENOTDIR, `${fid.path} is not a directory`)
      return chain(node.directory.list(), (children) =>
        chain(this.fids.resolve(parentPath(fid.path)), (parent) => {
          fid.entries = [{ name: '.', node }, { name: '..', node: parent ?? node }, ...children]
          return fid.entries
        }),
      )
    })
  }

  /** fid[4] request_mask[8] → valid[8] qid[13] mode[4] uid[4] gid[4] nlink[8] rdev[8] size[8] blksize[8] blocks[8] times… */
  private getattr: Operation = (call, reader) => {
    const fid = this.fids.get(reader.u32())
    return chain(this.fids.node(fid), (node) => attributesReply(call, node, this.qid(node)))
  }

  /** fid[4] → target[s] */
  private readlink: Operation = (call, reader) => {
    const fid = this.fids.get(reader.u32())
    return chain(this.fids.node(fid), (node) => {
      if ((node.mode & S_IFMT) !== S_IFLNK)
        throw new NineError(ERRNO.EINVAL, `${fid.path} is not a symbolic link`)
      const target = encodeByteString(node.target ?? '')
      return reply(call, 2 + target.length).string(target).bytes
    })
  }

  /** fid[4] → type[4] bsize[4] blocks[8] bfree[8] bavail[8] files[8] ffree[8] fsid[8] namelen[4] */
  private statfs: Operation = (call, reader) => {
    this.fids.get(reader.u32())
    return statfsReply(call, this.root.nodeCount)
  }

  /** fid[4] newfid[4] name[s] → size[8] */
  private xattrwalk: Operation = (call, reader) => {
    const fid = this.fids.get(reader.u32())
    const newNumber = reader.u32()
    const name = reader.string()
    this.fids.requireFree(newNumber)
    return chain(this.fids.node(fid), (node) => {
      const { length } = xattrValue(node, name)
      if (!call.abandoned) this.fids.set(newNumber, { path: fid.path, node, open: true, xattr: name })
      return reply(call, 8).u64(length).bytes
    })
  }

  /** fid[4] datasync[4] → nothing */
  private fsync: Operation = (call, reader) => {
    this.fids.get(reader.u32())
    return reply(call, 0).bytes
  }

  /** fid[4] type[1] … → status[1]. The only client's kernel has already checked the lock against its own. */
  private lock: Operation = (call, reader) => {
    this.fids.get(reader.u32())
    return reply(call, 1).u8(LOCK_SUCCESS).bytes
  }

  /** fid[4] type[1] start[8] length[8] proc_id[4] client_id[s] → the same, type saying that nobody else holds it */
  private getlock: Operation = (call, reader) => {
    this.fids.get(reader.u32())
    return getlockReply(call, reader)
  }

  /** fid[4] → nothing */
  private clunk: Operation = (call, reader) => {
    this.fids.delete(reader.u32())
    return reply(call, 0).bytes
  }

  /** fid[4]; the fid is gone even though the file is not. */
  private remove: Operation = (_call, reader) => {
    this.fids.delete(reader.u32())
    throw new NineError(ERRNO.EROFS, 'the tree is read-only')
  }

  private qid(node: FileNode): Qid {
    const type = node.mode & S_IFMT
    return { type: type === S_IFDIR ? 0x80 : type === S_IFLNK ? 0x02 : 0, path: this.inodes.of(node) }
  }
}

interface Step {
  path: string
  node: FileNode
}
