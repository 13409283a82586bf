/** Writes a tree as the 9P server serves it to this machine's disk, so that the host's overlayfs can be put on it. */
import { execFile } from 'node:child_process'
import { chmod, lchown, link, lutimes, mkdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Attributes, NineClient } from './nine-client.ts'

const run = promisify(execFile)
const TYPE = 0o170000

interface Walk {
  client: NineClient
  /** First path written by qid. */
  written: Map<bigint, string>
  directories: [path: string, attributes: Attributes][]
}

export async function materializeServed(client: NineClient, path: string, target: string): Promise<void> {
  const walk: Walk = { client, written: new Map(), directories: [] }
  await write(walk, path, target)
  // Last, and deepest first: writing into a directory changes its time.
  for (const [directory, { mtime }] of walk.directories.reverse()) await lutimes(directory, mtime, mtime)
}

async function write(walk: Walk, path: string, target: string): Promise<void> {
  const { client, written } = walk
  const fid = await client.walk(path)
  const attributes = await client.attributes(fid)
  const { mode, uid, gid, nlink, qid, rdev, mtime } = attributes
  const first = written.get(qid)
  const type = mode & TYPE
  if (first !== undefined) return link(first, target)
  if (type !== 0o040000 && nlink > 1) written.set(qid, target)
  if (type === 0o040000) await mkdir(target)
  else if (type === 0o120000) await symlink(await client.readlink(fid), target)
  else if (type === 0o100000) await writeFile(target, await client.readFile(path))
  else await makeNode(target, type, rdev)
  await lchown(target, uid, gid)
  if (type !== 0o120000) await chmod(target, mode & 0o7777)
  await copyXattrs(client, fid, target)
  if (type === 0o040000) {
    walk.directories.push([target, attributes])
    const listing = await client.walk('', fid)
    await client.open(listing)
    for (const { name } of await client.list(listing))
      await write(walk, `${path}/${name}`, join(target, name))
    await client.clunk(listing)
  } else await lutimes(target, mtime, mtime)
  await client.clunk(fid)
}

async function makeNode(target: string, type: number, rdev: number): Promise<void> {
  if (type === 0o010000) return void (await run('mknod', [target, 'p']))
  const major = (rdev >>> 8) & 0xfff
  const minor = (rdev & 0xff) | ((rdev >>> 12) & 0xfff00)
  await run('mknod', [target, type === 0o020000 ? 'c' : 'b', String(major), String(minor)])
}

async function copyXattrs(client: NineClient, fid: number, target: string): Promise<void> {
  const names = (await client.xattr(fid, ''))
    .toString()
    .split('\0')
    .filter((name) => name !== '')
  for (const name of names) {
    const value = (await client.xattr(fid, name)).toString('hex')
    await run('setfattr', ['--no-dereference', `--name=${name}`, `--value=0x${value}`, target])
  }
}
