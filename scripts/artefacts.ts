/**
 * Builds everything that the guest is made of into public/guest and public/images, with a manifest. A product comes
 * from the cache when nothing it depends on has changed. `--partial` builds what an incomplete checkout allows, and
 * takes no snapshot.
 */
import { existsSync } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { buildFirmware } from './build-firmware.ts'
import { buildImages } from './build-images.ts'
import { buildInitramfs } from './build-initramfs.ts'
import { buildKernel } from './build-kernel.ts'
import { buildRootfs } from './build-rootfs.ts'
import { buildSystem } from './build-system.ts'
import { AptRoot } from './lib/debian/apt-root.ts'
import type { PackageRecord } from './lib/debian/deb-tree.ts'
import { hashJson, sha256File } from './lib/hash.ts'
import { withLock } from './lib/lock.ts'
import { step } from './lib/log.ts'
import { isMain, main } from './lib/main.ts'
import { sourceRecords } from './lib/debian/source-record.ts'
import { sysrootPackages } from './lib/debian/sysroot.ts'
import { cacheRoot, guestDir, imagesDir, projectRoot, publicDir } from './lib/paths.ts'
import { type FileMap, addFolder, publish, writeIfChanged } from './lib/publish.ts'

/** Raised when the guest must change for a reason that no file shows. */
const FORMAT = 1

export interface ArtefactOptions {
  /** See build-system.ts. */
  partial?: boolean
}

/** The content of public/guest/manifest.json; web/src/vm/manifest.ts reads the part that a boot needs. */
export interface Manifest {
  format: 1
  buildId: string
  /** Files below public/, e.g. `guest/bzImage`; all except the snapshot's, which has an index of its own. */
  files: { path: string; size: number; sha256: string }[]
  /** Debian and npm packages, and which products hold files of theirs. */
  packages: (PackageRecord & { in: string[] })[]
}

type Provenance = Map<string, PackageRecord[]>

export async function buildArtefacts(options: ArtefactOptions = {}): Promise<void> {
  // apt's root is opened first, so that a missing apt or network is the first thing that the user hears of.
  await AptRoot.open()
  const files: FileMap = new Map()
  const provenance: Provenance = new Map()
  await addBootFiles(files, provenance)
  await addTrees(files, provenance, options)
  const images = await step('images', buildImages)
  for (const [name, records] of images.packages) provenance.set(`image ${name}`, records)
  const imageFiles: FileMap = new Map()
  await addFolder(imageFiles, images.dir)
  await withLock(join(cacheRoot(), `publish-${hashJson(projectRoot)}.lock`), async () => {
    await publish(guestDir, files, (path) => path === 'manifest.json' || path.startsWith('state/'))
    await publish(imagesDir, imageFiles, () => false)
    const paths = [...prefixed('guest', files), ...prefixed('images', imageFiles)]
    await writeManifest(paths, provenance)
  })
  if (options.partial !== true) await takeSnapshot()
}

function prefixed(folder: string, files: FileMap): string[] {
  return [...files.keys()].map((path) => `${folder}/${path}`).sort()
}

async function addBootFiles(files: FileMap, provenance: Provenance): Promise<void> {
  const kernel = await step('kernel', buildKernel)
  files.set('bzImage', join(kernel.dir, 'bzImage'))
  provenance.set('kernel', await sourceRecords([kernel.source]))
  files.set('initramfs.cpio.zst', await step('initramfs', buildInitramfs))
  provenance.set('initramfs', await sourceRecords(await sysrootPackages()))
  const firmware = await step('firmware', buildFirmware)
  for (const name of ['bios.bin', 'vgabios.bin']) files.set(name, join(firmware.dir, name))
  provenance.set('firmware', await sourceRecords([firmware.source]))
}

async function addTrees(files: FileMap, provenance: Provenance, options: ArtefactOptions): Promise<void> {
  const debian = await step('Debian tree', buildRootfs)
  await addFolder(files, debian.dir, 'system/debian')
  files.delete('system/debian/packages.json')
  provenance.set('system/debian', debian.packages)
  const porthole = await step('porthole tree', () => buildSystem(options))
  await addFolder(files, porthole.dir, 'system/porthole')
  provenance.set('system/porthole', porthole.packages)
}

async function writeManifest(paths: string[], provenance: Provenance): Promise<void> {
  const files = await Promise.all(
    paths.map(async (path) => {
      const full = join(publicDir, path)
      return { path, size: (await stat(full)).size, sha256: await sha256File(full) }
    }),
  )
  const emulator = JSON.parse(await readFile(join(projectRoot, 'node_modules/v86/package.json'), 'utf8')) as {
    version: string
  }
  const buildId = hashJson({ FORMAT, emulator: emulator.version, files }).slice(0, 32)
  const manifest: Manifest = { format: 1, buildId, files, packages: listPackages(provenance) }
  await writeIfChanged(join(guestDir, 'manifest.json'), `${JSON.stringify(manifest, null, 1)}\n`)
}

function listPackages(provenance: Provenance): Manifest['packages'] {
  const all = new Map<string, PackageRecord & { in: string[] }>()
  for (const [product, records] of provenance) {
    for (const record of records) {
      const key = `${record.name} ${record.version}`
      const known = all.get(key) ?? { ...record, in: [] }
      all.set(key, { ...known, in: [...known.in, product] })
    }
  }
  return [...all.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
}

/** Takes the snapshot with the machine side, from what was just published. */
async function takeSnapshot(): Promise<void> {
  const script = join(import.meta.dirname, 'build-snapshot.ts')
  if (!existsSync(script)) return
  const { buildSnapshot } = (await import(script)) as { buildSnapshot: () => Promise<unknown> }
  await step('snapshot', buildSnapshot)
}

if (isMain(import.meta.url)) {
  await main(() => buildArtefacts({ partial: process.argv.includes('--partial') }))
}
