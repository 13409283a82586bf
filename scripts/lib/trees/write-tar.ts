import { type Header, pack } from 'tar-stream'
import type { FileNode } from './file-tree.ts'

/**
 * A tar archive of these entries, in this order. Equal entries give equal bytes: numeric owners only, whole seconds,
 * no device or inode numbers. A node met again is written as a hard link.
 */
export async function writeTar(entries: [path: string, node: FileNode][]): Promise<Buffer> {
  const archive = pack()
  const chunks: Buffer[] = []
  const collected = (async () => {
    for await (const chunk of archive) chunks.push(chunk as Buffer)
  })()
  const first = new Map<FileNode, string>()
  for (const [path, node] of entries) {
    const carrier = first.get(node)
    if (carrier === undefined) first.set(node, path)
    await add(path, node, carrier)
  }
  archive.finalize()
  await collected
  return Buffer.concat(chunks)

  function add(path: string, node: FileNode, carrier: string | undefined): Promise<void> {
    const { header, data } = describe(path, node, carrier)
    return new Promise((resolve, reject) => {
      archive.entry(header, data, (error) => (error ? reject(error) : resolve()))
    })
  }
}

function describe(
  path: string,
  node: FileNode,
  carrier: string | undefined,
): { header: Partial<Header> & { name: string }; data: Buffer } {
  const base = {
    name: path,
    mode: node.mode,
    uid: node.uid,
    gid: node.gid,
    mtime: new Date(node.mtime * 1000),
  }
  const nothing = Buffer.alloc(0)
  if (carrier !== undefined)
    return { header: { ...base, type: 'link', linkname: carrier, size: 0 }, data: nothing }
  const pax = node.xattrs === undefined ? {} : { pax: paxXattrs(node.xattrs) }
  switch (node.type) {
    case 'directory':
      return { header: { ...base, ...pax, name: `${path}/`, type: 'directory', size: 0 }, data: nothing }
    case 'file':
      return { header: { ...base, ...pax, type: 'file', size: node.data.length }, data: node.data }
    case 'symlink':
      return { header: { ...base, type: 'symlink', linkname: node.target, size: 0 }, data: nothing }
    case 'fifo':
      return { header: { ...base, type: 'fifo', size: 0 }, data: nothing }
    case 'character':
    case 'block':
      return {
        header: {
          ...base,
          type: `${node.type}-device`,
          devmajor: node.device[0],
          devminor: node.device[1],
          size: 0,
        },
        data: nothing,
      }
  }
}

/** Extended attributes as pax records, the way GNU tar, bsdtar and the OCI specification have them. */
function paxXattrs(xattrs: Record<string, Buffer>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(xattrs).map(([name, value]) => [`SCHILY.xattr.${name}`, value.toString()]),
  )
}
