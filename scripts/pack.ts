/**
 * Packs the built site so that it needs no host: `pack.ts [--out FOLDER] [--images NAME,…]` writes porthole-offline.zip,
 * the site with servers that need no installation.
 */
import { mkdir, readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { buildSite } from './build.ts'
import type { PackageRecord } from './lib/debian/deb-tree.ts'
import { step } from './lib/log.ts'
import { isMain, main } from './lib/main.ts'
import { licenceList } from './lib/pack/licence-list.ts'
import { SERVERS, serverFile } from './lib/pack/server-files.ts'
import { type ZipEntry, writeZip } from './lib/pack/zip-file.ts'
import { projectRoot } from './lib/paths.ts'
import { listFiles } from './lib/publish.ts'
import { distDir } from './serve.ts'

const ARCHIVE = 'porthole-offline.zip'
/** Everything in the archive lies in one folder, so that unpacking it litters no other. */
const FOLDER = 'porthole-offline'

/** Writes the archive of a built site into the folder `out`; resolves with its path and its size in bytes. */
export async function packSite(site: string, out: string): Promise<{ path: string; size: number }> {
  const files = (await listFiles(site)).filter((path) => !/(^|\/)\./.test(path))
  const text = async (path: string): Promise<ZipEntry> => ({
    path: `${FOLDER}/${path}`,
    content: await readFile(join(projectRoot, 'scripts/pack', path)),
  })
  const servers = SERVERS.map(async (name) => ({
    path: `${FOLDER}/${name}`,
    content: Buffer.from(await serverFile(name)),
    executable: name === 'serve.py',
  }))
  const entries: ZipEntry[] = [
    ...(await Promise.all([text('README.md'), text('README.zh-CN.md'), ...servers])),
    { path: `${FOLDER}/LICENCES.txt`, content: Buffer.from(await licences(site)) },
    ...files.map((path) => ({ path: `${FOLDER}/site/${path}`, content: join(site, path) })),
  ]
  const path = join(out, ARCHIVE)
  await mkdir(out, { recursive: true })
  return { path, size: await writeZip(path, entries) }
}

async function licences(site: string): Promise<string> {
  const packages = async (path: string): Promise<PackageRecord[]> => {
    const list = JSON.parse(await readFile(join(site, path), 'utf8')) as { packages: PackageRecord[] }
    return list.packages
  }
  return licenceList(await packages('guest/manifest.json'), await packages('licences.json'))
}

if (isMain(import.meta.url)) {
  await main(async () => {
    const { values } = parseArgs({ options: { out: { type: 'string', default: '.' } } })
    await buildSite()
    const { path, size } = await step('pack', () => packSite(distDir, resolve(values.out)))
    console.log(`${path}: ${(size / 1e6).toFixed(1)} MB`)
  })
}
