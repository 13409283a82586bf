/**
 * Packs the built site so that it needs no host: `pack.ts [--out FOLDER]` writes porthole-offline.zip, the site with
 * servers that need no installation; `--images NAME,…` writes porthole.html instead, one file with these images.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { buildSite } from './build.ts'
import type { PackageRecord } from './lib/debian/deb-tree.ts'
import { step } from './lib/log.ts'
import { isMain, main } from './lib/main.ts'
import { chooseImages } from './lib/pack/chosen-images.ts'
import { licenceList } from './lib/pack/licence-list.ts'
import { readChunks } from './lib/pack/read-chunks.ts'
import { SERVERS, serverFile } from './lib/pack/server-files.ts'
import { singleFile } from './lib/pack/single-file.ts'
import { type ZipEntry, writeZip } from './lib/pack/zip-file.ts'
import { projectRoot } from './lib/paths.ts'
import { listFiles } from './lib/publish.ts'
import { distDir } from './serve.ts'

const ARCHIVE = 'porthole-offline.zip'
const PAGE = 'porthole.html'
/** Everything in the archive lies in one folder, so that unpacking it litters no other. */
const FOLDER = 'porthole-offline'

export interface Packed {
  path: string
  /** Bytes. */
  size: number
}

/** Writes the archive of a built site into the folder `out`; resolves with its path and its size in bytes. */
export async function packSite(site: string, out: string): Promise<Packed> {
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

/**
 * Writes porthole.html with the named images into the folder `out`.
 * @throws EngineError `too-large` with the sizes, `not-found` naming an image
 */
export async function packFile(site: string, out: string, names: readonly string[]): Promise<Packed> {
  const images = await chooseImages(site, names)
  const chunks = await step('what a session reads', () => readChunks(site))
  const html = await singleFile({ site, chunks, ...images })
  const path = join(out, PAGE)
  await mkdir(out, { recursive: true })
  await writeFile(path, html)
  return { path, size: html.length }
}

if (isMain(import.meta.url)) {
  await main(async () => {
    const { values } = parseArgs({
      options: { out: { type: 'string', default: '.' }, images: { type: 'string' } },
    })
    const out = resolve(values.out)
    const names = values.images?.split(',')
    await buildSite()
    const { path, size } = await step('pack', () =>
      names ? packFile(distDir, out, names) : packSite(distDir, out),
    )
    console.log(`${path}: ${(size / 1e6).toFixed(1)} MB`)
  })
}
