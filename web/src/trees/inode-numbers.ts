/**
 * Gives each inode one number over all trees of the mount, for qid.path. Each tree gets its own range of the 32-bit
 * space, in the order in which trees are first seen. A 32-bit guest folds qid.path into st_ino by xor of its halves
 * (v9fs_qid2ino), so numbers below 2^32 stay unique there, where a hash would not; hard links share a node and so its
 * number. The table is saved with the guest, which caches inodes by qid.path.
 */
import { EngineError } from '../../../guest/protocol/errors.ts'
import type { FileNode } from './file-tree.ts'

/** v9fs adds 2 to qid.path. */
const LAST = 2 ** 32 - 3

/** Tree id, first number, count. */
export type InodeRange = [treeId: string, start: number, count: number]

export class InodeNumbers {
  private readonly starts = new Map<string, number>()
  private ranges: InodeRange[] = []
  private next = 0

  of(node: FileNode): number {
    const start = this.starts.get(node.tree.id) ?? this.assign(node.tree.id, node.tree.nodeCount)
    return start + node.number
  }

  save(): InodeRange[] {
    return this.ranges.map((range) => [...range])
  }

  restore(ranges: readonly InodeRange[]): void {
    this.ranges = ranges.map((range) => [...range])
    this.starts.clear()
    this.next = 0
    for (const [id, start, count] of this.ranges) {
      this.starts.set(id, start)
      this.next = Math.max(this.next, start + count)
    }
  }

  private assign(id: string, count: number): number {
    const start = this.next
    if (start + count > LAST) throw new EngineError('exhausted', `no inode numbers are left for ${id}`)
    this.next = start + count
    this.starts.set(id, start)
    this.ranges.push([id, start, count])
    return start
  }
}
