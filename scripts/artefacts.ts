/**
 * Builds everything that the guest is made of into public/guest and public/images, with a manifest. A product comes
 * from the cache when nothing it depends on has changed. `--partial` builds what an incomplete checkout allows;
 * then, and with `--without-snapshot`, no snapshot is taken.
 */
import { existsSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { buildFirmware } from './build-firmware.ts'
import type { ImageBuild } from './build-images.ts'
import { buildInitramfs } from './build-initramfs.ts'
import { buildKernel } from './build-kernel.ts'
import { buildRootfs } from './build-rootfs.ts'
import { buildEngineSnapshot } from './build-engine-snapshot.ts'
import { type SystemOptions, buildSystem } from './build-system.ts'
import { AptRoot } from './lib/debian/apt-root.ts'
import type { PackageRecord } from './lib/debian/deb-tree.ts'
import { buildSiteImages } from './lib/images/site-images.ts'
import { emulatorVersion } from './lib/emulator-version.ts'
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
  /** Whether to take one, which needs all the others; not of a partial build. Default: true. */
  snapshot?: boolean
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

/** Products of a build: the files that they are below public/guest, and the packages that they are made of. */
interface Products {
  files: FileMap
  provenance: [product: string, packages: PackageRecord[]][]
}

export async function buildArtefacts(options: ArtefactOptions = {}): Promise<void> {
  // apt's root is opened first, so that a missing apt or network is the first thing that the user hears of.
  await AptRoot.open()
  // None needs another. The kernel takes longest, and leaves processors idle while it is unpacked and linked.
  const [images, ...parts] = await Promise.all([step('images', buildSiteImages), ...guestParts(options)])
  if (options.partial === true) return publishAll(images, parts)
  const engineSnapshot = await step('engine snapshot', () =>
    buildEngineSnapshot({ publishGuest: () => publishAll(images, parts) }),
  )
  const last = await makePortholeTree({ ...options, engineSnapshot })
  await publishAll(images, [...parts.slice(0, -1), last])
  if (options.snapshot !== false) await takeSnapshot()
}

async function publishAll(images: ImageBuild, parts: Products[]): Promise<void> {
  const files: FileMap = new Map(parts.flatMap((part) => [...part.files]))
  const imageFiles: FileMap = new Map()
  await addFolder(imageFiles, images.dir)
  await withLock(join(cacheRoot(), `publish-${hashJson(projectRoot)}.lock`), async () => {
    await publish(guestDir, files, (path) => path === 'manifest.json' || path.startsWith('state/'))
    await publish(imagesDir, imageFiles, () => false)
    const paths = [...prefixed('guest', files), ...prefixed('images', imageFiles)]
    const ofImages = [...images.packages].map(([name, records]) => [`image ${name}`, records] as const)
    await writeManifest(paths, [...parts.flatMap(({ provenance }) => provenance), ...ofImages])
  })
}

/** In the order in which the manifest names them; the engine's tree is the last. */
function guestParts(options: ArtefactOptions): Promise<Products>[] {
  return [
    step('kernel', makeKernel),
    step('initramfs', makeInitramfs),
    step('firmware', makeFirmware),
    step('Debian tree', makeDebianTree),
    step('porthole tree', () => makePortholeTree(options)),
  ]
}

function prefixed(folder: string, files: FileMap): string[] {
  return [...files.keys()].map((path) => `${folder}/${path}`).sort()
}

async function makeKernel(): Promise<Products> {
  const { dir, source } = await buildKernel()
  return {
    files: new Map([['bzImage', join(dir, 'bzImage')]]),
    provenance: [['kernel', await sourceRecords([source])]],
  }
}

async function makeInitramfs(): Promise<Products> {
  return {
    files: new Map([['initramfs.cpio.zst', await buildInitramfs()]]),
    provenance: [['initramfs', await sourceRecords(await sysrootPackages())]],
  }
}

async function makeFirmware(): Promise<Products> {
  const { dir, source } = await buildFirmware()
  return {
    files: new Map(['bios.bin', 'vgabios.bin'].map((name) => [name, join(dir, name)])),
    provenance: [['firmware', await sourceRecords([source])]],
  }
}

async function makeDebianTree(): Promise<Products> {
  const { dir, packages } = await buildRootfs()
  const files: FileMap = new Map()
  await addFolder(files, dir, 'system/debian')
  files.delete('system/debian/packages.json')
  return { files, provenance: [['system/debian', packages]] }
}

async function makePortholeTree(options: SystemOptions): Promise<Products> {
  const { dir, packages } = await buildSystem(options)
  const files: FileMap = new Map()
  await addFolder(files, dir, 'system/porthole')
  return { files, provenance: [['system/porthole', packages]] }
}

type Provenance = readonly (readonly [product: string, packages: PackageRecord[]])[]

async function writeManifest(paths: string[], provenance: Provenance): Promise<void> {
  const files = await Promise.all(
    paths.map(async (path) => {
      const full = join(publicDir, path)
      return { path, size: (await stat(full)).size, sha256: await sha256File(full) }
    }),
  )
  const buildId = hashJson({ FORMAT, emulator: await emulatorVersion(), files }).slice(0, 32)
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
  const has = (flag: string): boolean => process.argv.includes(flag)
  await main(() => buildArtefacts({ partial: has('--partial'), snapshot: !has('--without-snapshot') }))
}
