/** A directory tree of this machine as data, for comparing two of them. */
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { lstat, readFile, readdir, readlink } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** One line a path: type and mode, owner, size or target or device, digest, mtime, attributes, names of the same inode. */
export type Description = Map<string, string>

/** Of a file's content, in hexadecimal digits. */
export type Digest = (content: Uint8Array) => string

const sha256: Digest = (content) => createHash('sha256').update(content).digest('hex')

/** Directories' sizes and link counts are the file system's own business and left out. */
export async function describeDirectory(root: string, digest: Digest = sha256): Promise<Description> {
  const xattrs = await readXattrs(root)
  const lines = new Map<string, string>()
  const inodes = new Map<string, string[]>()
  for (const path of await listPaths(root)) {
    const full = join(root, path)
    const stat = await lstat(full)
    const parts = [stat.mode.toString(8), `${stat.uid}:${stat.gid}`]
    if (stat.isFile()) parts.push(String(stat.size), digest(await readFile(full)))
    if (stat.isSymbolicLink()) parts.push(`-> ${await readlink(full)}`)
    if (stat.isCharacterDevice() || stat.isBlockDevice()) parts.push(`device ${stat.rdev}`)
    parts.push(`mtime ${Math.floor(stat.mtimeMs / 1000)}`, ...(xattrs.get(path) ?? []))
    if (!stat.isDirectory() && stat.nlink > 1) {
      const names = inodes.get(`${stat.dev}:${stat.ino}`) ?? []
      inodes.set(`${stat.dev}:${stat.ino}`, [...names, path])
    }
    lines.set(path, parts.join(' '))
  }
  for (const names of inodes.values())
    for (const path of names) lines.set(path, `${lines.get(path)} links ${names.join(' = ')}`)
  return lines
}

/** Not readdir's `recursive`, which goes into directories behind symbolic links. */
async function listPaths(root: string): Promise<string[]> {
  const paths = ['.']
  const list = async (folder: string): Promise<void> => {
    for (const entry of await readdir(join(root, folder), { withFileTypes: true })) {
      const path = join(folder, entry.name)
      paths.push(path)
      if (entry.isDirectory()) await list(path)
    }
  }
  await list('.')
  return paths.sort()
}

/** `name=0xhex` of every path that has attributes; overlay's own are not the tree's. */
async function readXattrs(root: string): Promise<Map<string, string[]>> {
  const args = ['--recursive', '--physical', '--no-dereference', '--dump', '--match=-', '--encoding=hex', '.']
  const { stdout } = await run('getfattr', args, { cwd: root, maxBuffer: 1 << 28 })
  const xattrs = new Map<string, string[]>()
  for (const block of stdout.split('\n\n')) {
    const [header, ...lines] = block.split('\n').filter((line) => line !== '')
    const path = /^# file: (.*)$/.exec(header ?? '')?.[1]
    if (path === undefined) continue
    const own = lines.filter((line) => !/^trusted\.overlay\./.test(line)).sort()
    const name = path.replace(/\\(\d{3})/g, (_match, octal: string) =>
      String.fromCharCode(parseInt(octal, 8)),
    )
    if (own.length > 0) xattrs.set(name, own)
  }
  return xattrs
}

/** A directory that no layer describes has no time of its own: ours say 0, umoci's the moment of unpacking. */
const UNDATED = /^(4\d+ \d+:\d+) mtime 0/

/** What differs, in a form worth reading in a failed test. */
export function differences(actual: Description, expected: Description): string[] {
  const paths = [...new Set([...actual.keys(), ...expected.keys()])].sort()
  return paths
    .filter((path) => {
      const [is, wanted] = [actual.get(path), expected.get(path)]
      if (is !== undefined && UNDATED.test(is))
        return is.replace(UNDATED, '$1') !== wanted?.replace(/ mtime \d+/, '')
      return is !== wanted
    })
    .map(
      (path) =>
        `${path}\n  is       ${actual.get(path) ?? 'missing'}\n  expected ${expected.get(path) ?? 'missing'}`,
    )
}
