import { copyFile, link, mkdir, readFile, readdir, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** Files of a published folder: path below it → path of the content. */
export type FileMap = Map<string, string>

/** All files below a folder, as paths relative to it. */
export async function listFiles(dir: string, prefix = ''): Promise<string[]> {
  const paths: string[] = []
  for (const entry of await readdir(join(dir, prefix), { withFileTypes: true })) {
    const path = prefix === '' ? entry.name : `${prefix}/${entry.name}`
    if (entry.isDirectory()) paths.push(...(await listFiles(dir, path)))
    else paths.push(path)
  }
  return paths.sort()
}

/** Adds every file of a folder, below `prefix` if given. */
export async function addFolder(files: FileMap, dir: string, prefix = ''): Promise<void> {
  for (const path of await listFiles(dir))
    files.set(prefix === '' ? path : `${prefix}/${path}`, join(dir, path))
}

/**
 * Makes a folder hold exactly these files, by hard link where the file system allows it. `spare` keeps paths that
 * others write there. Files that are right already are not touched, so that servers that watch the folder see no
 * change.
 */
export async function publish(dir: string, files: FileMap, spare: (path: string) => boolean): Promise<void> {
  await mkdir(dir, { recursive: true })
  for (const path of await listFiles(dir)) {
    if (!files.has(path) && !spare(path)) await rm(join(dir, path))
  }
  for (const [path, source] of files) await place(source, join(dir, path))
}

async function place(source: string, target: string): Promise<void> {
  if (existsSync(target)) {
    const [from, to] = await Promise.all([stat(source), stat(target)])
    const same = from.dev === to.dev && from.ino === to.ino
    const copied = from.size === to.size && from.mtimeMs === to.mtimeMs
    if (same || copied) return
    await rm(target)
  }
  await mkdir(dirname(target), { recursive: true })
  try {
    await link(source, target)
  } catch (error) {
    // The cache may lie on another file system, or one without hard links.
    if (!['EXDEV', 'EPERM', 'ENOTSUP'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error
    await copyFile(source, target)
    const { atime, mtime } = await stat(source)
    await utimes(target, atime, mtime)
  }
}

/** Writes a text file unless it has this content already. */
export async function writeIfChanged(path: string, text: string): Promise<void> {
  if (existsSync(path) && (await readFile(path, 'utf8')) === text) return
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, text)
}
