/**
 * The tree of the guest's one 9P mount: `/system/<name>` and `/layers/<hex diffId>`, each a tree of its own; `/blobs/<digest>`,
 * and `/uploads/<number>` to be written.
 */
import { BlobsDirectory, NO_BLOBS, type BlobProvider } from './blobs-directory.ts'
import {
  chain,
  directoryNode,
  type Directory,
  type DirectoryEntry,
  type FileNode,
  type FileTree,
  type MaybePromise,
} from './file-tree.ts'
import { Uploads } from './uploads-directory.ts'

export interface LayerProvider {
  /** The layer with this diffId (64 hex digits), fetched on demand; undefined when it can't be had. */
  open(hex: string): MaybePromise<FileTree | undefined>
  /** diffIds of the layers that are stored now. */
  list(): MaybePromise<readonly string[]>
}

/** What the content store shows to the guest. */
export interface StoreTrees {
  layers: LayerProvider
  blobs: BlobProvider
  uploads: Uploads
}

/** Layers for a machine that has none. */
export const NO_LAYERS: LayerProvider = { open: () => undefined, list: () => [] }

class RootTree implements FileTree {
  readonly id = 'root'
  readonly root: FileNode
  readonly nodeCount = 4

  constructor(systems: ReadonlyMap<string, FileTree>, { layers, blobs, uploads }: StoreTrees) {
    const system = directoryNode(this, 2, systems.size, {
      lookup: (name) => systems.get(name)?.root,
      list: () => Array.from(systems, ([name, tree]) => ({ name, node: tree.root })),
    })
    const entries: DirectoryEntry[] = [
      { name: 'blobs', node: directoryNode(this, 4, 0, new BlobsDirectory(blobs)) },
      { name: 'layers', node: directoryNode(this, 3, 0, new LayersDirectory(layers)) },
      { name: 'system', node: system },
      { name: 'uploads', node: uploads.root },
    ]
    this.root = directoryNode(this, 1, entries.length, {
      lookup: (name) => entries.find((entry) => entry.name === name)?.node,
      list: () => entries,
    })
  }

  readInto(): number {
    return 0
  }
}

class LayersDirectory implements Directory {
  private readonly layers: LayerProvider

  constructor(layers: LayerProvider) {
    this.layers = layers
  }

  lookup(name: string): MaybePromise<FileNode | undefined> {
    if (!/^[0-9a-f]{64}$/.test(name)) return undefined
    return chain(this.layers.open(name), (tree) => tree?.root)
  }

  async list(): Promise<DirectoryEntry[]> {
    const entries: DirectoryEntry[] = []
    for (const name of await this.layers.list()) {
      const tree = await this.layers.open(name)
      if (tree !== undefined) entries.push({ name, node: tree.root })
    }
    return entries
  }
}

/** @param systems system trees by name (`debian`, `porthole`) */
export function createRootTree(
  systems: ReadonlyMap<string, FileTree>,
  { layers = NO_LAYERS, blobs = NO_BLOBS, uploads = new Uploads() }: Partial<StoreTrees> = {},
): FileTree {
  return new RootTree(systems, { layers, blobs, uploads })
}
