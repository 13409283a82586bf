import { AptRoot } from './apt-root.ts'
import { cached } from './cache.ts'
import { type PackageRecord, unpackDebs } from './deb-tree.ts'
import { type DebPackage, download } from './packages.ts'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** The manifest's record of a package from which single files were taken. */
export async function sourceRecord(source: DebPackage): Promise<PackageRecord> {
  const dir = await cached('record', { FORMAT: 1, sha256: source.sha256 }, async (draft) => {
    const debs = await download(await AptRoot.open(), [source])
    const { records } = await unpackDebs([source], debs)
    await writeFile(join(draft, 'record.json'), JSON.stringify(records[0]))
  })
  return JSON.parse(await readFile(join(dir, 'record.json'), 'utf8')) as PackageRecord
}
