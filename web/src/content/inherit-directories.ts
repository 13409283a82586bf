/**
 * Some tools write layers that name a file but not the directories above it. An extraction on top of the layers below
 * would find those directories there, but overlayfs shows the attributes of the topmost layer. So such directories get
 * their attributes from the layers below, in the first image that uses the layer.
 */
import type { Digest } from '../../../guest/protocol/api/content.ts'
import { S_IFDIR, S_IFMT } from '../trees/file-tree.ts'
import type { LayerRecord, LayerStore } from './layer-store.ts'
import { OPAQUE_XATTR } from '../trees/layer-tree-builder.ts'
import type { TreeEntry } from '../trees/tree-index.ts'

/** @param diffIds an image's layers, lowest first; all must be here */
export async function inheritDirectories(layers: LayerStore, diffIds: readonly Digest[]): Promise<void> {
  const records = (await Promise.all(diffIds.map((diffId) => layers.get(diffId)))) as LayerRecord[]
  for (const [position, record] of records.entries()) {
    if (position === 0 || record.implicit.length === 0) continue
    const below: Map<string, TreeEntry>[] = []
    for (const lower of records.slice(0, position).reverse()) below.push(byPath(await layers.entries(lower)))
    const entries = await layers.entries(record)
    const implicit = new Set(record.implicit)
    await layers.rewrite(
      record,
      entries.map((entry) => (implicit.has(entry.path) ? inherited(entry, below) : entry)),
      [],
    )
    // The layers above see what this one has inherited.
    records[position] = (await layers.get(record.diffId))!
  }
}

function byPath(entries: readonly TreeEntry[]): Map<string, TreeEntry> {
  return new Map(entries.map((entry) => [entry.path, entry]))
}

function inherited(entry: TreeEntry, below: readonly Map<string, TreeEntry>[]): TreeEntry {
  const isOpaque = entry.xattrs?.[OPAQUE_XATTR] !== undefined
  for (const layer of isOpaque ? [] : below) {
    const found = layer.get(entry.path)
    if (found === undefined) {
      if (isHidden(layer, entry.path)) return entry
      continue
    }
    if ((found.mode & S_IFMT) !== S_IFDIR) return entry
    const { [OPAQUE_XATTR]: _, ...xattrs } = found.xattrs ?? {}
    return { ...found, xattrs: Object.keys(xattrs).length > 0 ? xattrs : undefined }
  }
  return entry
}

/** A parent that this layer replaces, removes or makes opaque hides the directory of the layers below it. */
function isHidden(layer: ReadonlyMap<string, TreeEntry>, path: string): boolean {
  for (let slash = path.lastIndexOf('/'); slash > 0; slash = path.lastIndexOf('/', slash - 1)) {
    const parent = layer.get(path.slice(0, slash))
    if (parent === undefined) continue
    if ((parent.mode & S_IFMT) !== S_IFDIR || parent.xattrs?.[OPAQUE_XATTR] !== undefined) return true
  }
  return false
}
