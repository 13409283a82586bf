/** The tree of the guest's one 9P mount: `/system/<name>` and `/layers/<hex diffId>`, each a tree of its own. */
import {
  S_IFDIR,
  chain,
  type Directory,
  type DirectoryEntry,
  type FileNode,
  type FileTree,
  type MaybePromise,
} from './file-tree.ts'

export interface LayerProvider {
  /** The layer with this diffId (64 hex digits), fetched on demand; undefined when it can't be had. */
  open(hex: string): MaybePromise<FileTree | undefined>
  /** diffIds of the layers that are stored now. */
  list(): MaybePromise<readonly string[]>
}

/** Layers for a machine that has none. */
export const NO_LAYERS: LayerProvider = { open: () => undefined, list: () => [] }

const EMPTY = new Uint8Array(0)

class RootTree implements FileTree {
  readonly id = 'root'
  readonly root: FileNode
  readonly nodeCount = 3

  constructor(systems: ReadonlyMap<string, FileTree>, layers: LayerProvider) {
    const system = this.directory(2, systems.size, {
      lookup: (name) => systems.get(name)?.root,
      list: () => Array.from(systems, ([name, tree]) => ({ name, node: tree.root })),
    })
    const layersDirectory = this.directory(3, 0, new LayersDirectory(layers))
    const entries: DirectoryEntry[] = [
      { name: 'layers', node: layersDirectory },
      { name: 'system', node: system },
    ]
    this.root = this.directory(1, entries.length, {
      lookup: (name) => entries.find((entry) => entry.name === name)?.node,
      list: () => entries,
    })
  }

  readInto(_node: FileNode, _offset: number, _target: Uint8Array = EMPTY): number {
    return 0
  }

  private directory(number: number, subdirectories: number, directory: Directory): FileNode {
    return {
      tree: this,
      number,
      mode: S_IFDIR | 0o555,
      uid: 0,
      gid: 0,
      mtime: 0,
      nanoseconds: 0,
      size: 4096,
      nlink: 2 + subdirectories,
      rdev: 0,
      offset: 0,
      directory,
    }
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
  layers: LayerProvider = NO_LAYERS,
): FileTree {
  return new RootTree(systems, layers)
}
