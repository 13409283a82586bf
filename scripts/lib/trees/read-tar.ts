import { extract } from 'tar-stream'
import { EngineError } from '../../../guest/protocol/errors.ts'
import type { FileNode, FileTree } from './file-tree.ts'

/** Unpacks a tar archive onto a tree; later entries replace earlier ones. Paths lose a leading './' or '/'. */
export async function readTar(archive: Buffer, tree: FileTree): Promise<string[]> {
  const paths: string[] = []
  const stream = extract()
  stream.end(archive)
  for await (const entry of stream) {
    const chunks: Buffer[] = []
    for await (const chunk of entry) chunks.push(chunk as Buffer)
    const { header } = entry
    const path = clean(header.name)
    paths.push(path)
    const attributes = {
      mode: header.mode ?? 0,
      uid: header.uid ?? 0,
      gid: header.gid ?? 0,
      mtime: Math.floor((header.mtime?.getTime() ?? 0) / 1000),
    }
    if (header.type === 'link') {
      tree.set(path, linked(tree, path, clean(header.linkname ?? '')))
      continue
    }
    tree.set(path, { ...attributes, ...content(header, Buffer.concat(chunks)) })
  }
  return paths
}

type Content = FileNode extends infer Node
  ? Node extends FileNode
    ? Omit<Node, keyof Attributes>
    : never
  : never
type Attributes = { mode: number; uid: number; gid: number; mtime: number; xattrs?: Record<string, Buffer> }

function content(
  header: {
    name: string
    type?: string | null
    linkname?: string | null
    devmajor?: number
    devminor?: number
  },
  data: Buffer,
): Content {
  const device: [number, number] = [header.devmajor ?? 0, header.devminor ?? 0]
  switch (header.type) {
    case 'file':
    case 'contiguous-file':
      return { type: 'file', data }
    case 'directory':
      return { type: 'directory' }
    case 'symlink':
      return { type: 'symlink', target: header.linkname ?? '' }
    case 'fifo':
      return { type: 'fifo' }
    case 'character-device':
      return { type: 'character', device }
    case 'block-device':
      return { type: 'block', device }
    default:
      throw new EngineError(
        'not-supported',
        `${header.name}: tar entries of type ${header.type} are not known`,
      )
  }
}

function linked(tree: FileTree, path: string, target: string): FileNode {
  const node = tree.follow(target)
  if (node === undefined)
    throw new EngineError('corrupt', `${path} is a hard link to ${target}, which is not there`)
  return node
}

function clean(name: string): string {
  return name
    .replace(/^(\.?\/)+/, '')
    .replace(/\/+$/, '')
    .replace(/^\.$/, '')
}
