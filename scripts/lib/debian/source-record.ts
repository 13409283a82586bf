import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { AptRoot } from './apt-root.ts'
import { cached } from '../cache.ts'
import { type PackageRecord, unpackDebs } from './deb-tree.ts'
import { type DebPackage, download } from './packages.ts'
import { projectRoot } from '../paths.ts'

/** The manifest's records of packages from which only single files were taken. */
export async function sourceRecords(sources: DebPackage[]): Promise<PackageRecord[]> {
  const digests = sources.map(({ sha256 }) => sha256)
  const dir = await cached('record', { FORMAT: 2, digests }, async (draft) => {
    const debs = await download(await AptRoot.open(), sources)
    const { records } = await unpackDebs(sources, debs)
    await writeFile(join(draft, 'records.json'), JSON.stringify(records))
  })
  return JSON.parse(await readFile(join(dir, 'records.json'), 'utf8')) as PackageRecord[]
}

interface Lock {
  packages: Record<string, { version?: string; license?: string; integrity?: string }>
}

/** The manifest's records of npm packages, by their folders (`node_modules/x`), from the lock file. */
export async function npmRecords(folders: string[]): Promise<PackageRecord[]> {
  const lock = JSON.parse(await readFile(join(projectRoot, 'package-lock.json'), 'utf8')) as Lock
  return folders.map((folder) => {
    const { version = '', license = 'see the package', integrity } = lock.packages[folder] ?? {}
    const name = folder.slice(folder.lastIndexOf('node_modules/') + 'node_modules/'.length)
    return { name, version, licence: license, source: 'npm', integrity }
  })
}
