/**
 * Takes the snapshot that pages start from: boots the guest headless, warms its engine, makes it small, saves it, and
 * records what its first commands read. It goes to public/guest/state/<MiB>/ (web/src/vm/snapshot.ts).
 */
import { readFile, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { DEFAULT_MEMORY } from '../web/src/vm/boot.ts'
import { kernelCommandLine } from '../web/src/vm/command-line.ts'
import { parseManifest } from '../web/src/vm/manifest.ts'
import { hashPages } from '../web/src/vm/memory-delta.ts'
import { snapshotPath } from '../web/src/vm/snapshot.ts'
import type { SnapshotIndex } from '../web/src/vm/snapshot.ts'
import { cached } from './lib/cache.ts'
import { sha256 } from './lib/hash.ts'
import { HeadlessMachine } from './lib/machine/headless-machine.ts'
import { ensureTools } from './lib/debian/host-tools.ts'
import { step } from './lib/log.ts'
import { isMain, main } from './lib/main.ts'
import { guestDir, publicDir } from './lib/paths.ts'
import { addFolder, publish } from './lib/publish.ts'
import type { FileMap } from './lib/publish.ts'
import { run } from './lib/run.ts'
import { dropPages, zeroFreeMemory } from './lib/machine/shrink-guest.ts'
import { overlaidSite, siteFolder } from './lib/site-folder.ts'
import { warmEngine } from './lib/machine/warm-engine.ts'

/** Raised when the way of taking it changes. */
const FORMAT = 3
/** Some static hosts refuse files of 2 MB. */
const PART_SIZE = 1_900_000
const PAGES = 'pages.gz'

export async function buildSnapshot(memory = DEFAULT_MEMORY): Promise<void> {
  await ensureTools('zstd')
  const manifest = parseManifest(await readFile(join(guestDir, 'manifest.json')))
  const { buildId } = manifest
  const inputs = { FORMAT, buildId, memory, commandLine: kernelCommandLine(buildId) }
  const dir = await cached('snapshot', inputs, async (draft) => {
    const { state, hashes, nine } = await step('a machine to save', () => saveMachine(memory))
    const pages = await writePages(draft, hashes)
    const parts = await step('compressing its state', () => compress(draft, new Uint8Array(state)))
    const index: SnapshotIndex = {
      ...{ format: 1, buildId, memory, rawSize: state.byteLength },
      ...{ parts, pages, nine, warmChunks: [] },
    }
    const path = join(draft, 'index.json')
    await writeFile(path, JSON.stringify(index))
    index.warmChunks = await step('what its first commands read', () => firstReads(draft, memory))
    await writeFile(path, JSON.stringify(index))
  })
  const files: FileMap = new Map()
  await addFolder(files, dir)
  await publish(join(publicDir, snapshotPath(memory), '..'), files, () => false)
}

type Saved = { state: ArrayBuffer; hashes: Uint32Array; nine: SnapshotIndex['nine'] }

async function saveMachine(memory: number): Promise<Saved> {
  const machine = await HeadlessMachine.start({ cold: true, memory })
  const { console } = machine.guest.machine
  await warmEngine(machine)
  await dropPages(console)
  await warmEngine(machine)
  await zeroFreeMemory(console)
  const state = await machine.guest.machine.save()
  const hashes = hashPages(machine.guest.machine.ram)
  const nine = machine.guest.nine.save()
  await machine.close()
  return { state, hashes, nine }
}

async function writePages(dir: string, { buffer }: Uint32Array): Promise<SnapshotIndex['pages']> {
  const bytes = gzipSync(new Uint8Array(buffer), { level: 9 })
  await writeFile(join(dir, PAGES), bytes)
  return { name: PAGES, size: bytes.length, sha256: sha256(bytes) }
}

/**
 * Compresses the state as one zstd frame, and cuts it into parts named by their order. With any number of threads zstd
 * makes the same bytes.
 */
async function compress(dir: string, state: Uint8Array): Promise<SnapshotIndex['parts']> {
  const raw = join(dir, 'state')
  await writeFile(raw, state)
  await run('zstd', ['-q', '-19', '-T0', '--rm', raw, '-o', `${raw}.zst`])
  const whole = await readFile(`${raw}.zst`)
  await rm(`${raw}.zst`)
  const parts: SnapshotIndex['parts'] = []
  for (let at = 0; at < whole.length; at += PART_SIZE) {
    const bytes = whole.subarray(at, at + PART_SIZE)
    const name = `state.zst.${String(parts.length).padStart(2, '0')}`
    await writeFile(join(dir, name), bytes)
    parts.push({ name, size: bytes.length, sha256: sha256(bytes) })
  }
  return parts
}

/**
 * Restores the draft and runs what people run first: the page fetches the chunks that this reads along with the state.
 */
async function firstReads(draft: string, memory: number): Promise<string[]> {
  const prefix = snapshotPath(memory).replace('index.json', '')
  const files = overlaidSite(prefix, draft, siteFolder(publicDir))
  const machine = await HeadlessMachine.start({ files, memory })
  await warmEngine(machine)
  const names = Array.from(machine.guest.trees.values(), (tree) => tree.touched()).flat()
  await machine.close()
  return names
}

/** The bytes of a built snapshot, for the bench. */
export async function snapshotSize(memory = DEFAULT_MEMORY): Promise<number> {
  const dir = join(publicDir, snapshotPath(memory), '..')
  const sizes = (await readdir(dir)).map(async (name) => (await stat(join(dir, name))).size)
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0)
}

if (isMain(import.meta.url)) {
  await main(async () => {
    const argument = process.argv[2]
    await buildSnapshot(argument === undefined ? DEFAULT_MEMORY : Number(argument))
  })
}
