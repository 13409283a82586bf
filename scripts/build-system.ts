/** Builds the guest's porthole tree (engine, launcher, docker client, settings) and prints the folder. */
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { EngineError } from '../guest/protocol/errors.ts'
import { GUEST_PATHS } from '../guest/protocol/paths.ts'
import { ENGINE_SOURCE, bundleEngine } from './build-engine.ts'
import { cached } from './lib/cache.ts'
import { copyFolder } from './lib/trees/copy-tree.ts'
import { FileTree } from './lib/trees/file-tree.ts'
import type { PackageRecord } from './lib/debian/deb-tree.ts'
import { hashJson, sha256 } from './lib/hash.ts'
import { ensureTools } from './lib/debian/host-tools.ts'
import { withLock } from './lib/lock.ts'
import { note } from './lib/log.ts'
import { isMain, main } from './lib/main.ts'
import { cacheRoot, projectRoot } from './lib/paths.ts'
import { run } from './lib/run.ts'
import { npmRecords, sourceRecords } from './lib/debian/source-record.ts'
import { buildSysroot, sysrootPackages } from './lib/debian/sysroot.ts'
import { storeTree } from './lib/trees/tree-store.ts'

/** Raised when the way of building changes. */
const FORMAT = 1

const STATIC_FILES = join(projectRoot, 'guest/system')
const NATIVE = join(projectRoot, 'guest/native')

/** The time of every file of this tree; it is fixed, because it must not change the build id. */
const MTIME = Date.UTC(2025, 0, 1) / 1000

/** Folders that stay empty, such as mount points. */
const FOLDERS: [path: string, mode: number][] = [
  ...['run', 'proc', 'sys', 'dev', 'etc/docker', 'var/lib'].map((path): [string, number] => [path, 0o755]),
  ['tmp', 0o1777],
  ['var/lib/docker', 0o710],
  ['root', 0o700],
]

export interface SystemOptions {
  /** Builds what an incomplete checkout allows and names what is missing, instead of failing. */
  partial?: boolean
  /** V8's start-up snapshot of the engine; without one the guest starts it from its bundle. */
  engineSnapshot?: Buffer
}

export interface SystemBuild {
  /** Holds index.json.gz and the chunks. */
  dir: string
  packages: PackageRecord[]
}

export async function buildSystem(options: SystemOptions = {}): Promise<SystemBuild> {
  const tree = new FileTree(MTIME)
  for (const [path, mode] of FOLDERS) tree.directory(path, { mode })
  tree.symlink('var/run', '/run')
  await copyFolder(tree, STATIC_FILES)
  await addPrograms(tree, options)
  const bundled = await addEngine(tree, options)
  const inputs = { FORMAT, entries: tree.entries().map(([path, node]) => describe(path, node)) }
  const dir = await cached('system', inputs, (draft) => storeTree(tree, draft, () => 0))
  return {
    dir,
    packages: [...(await sourceRecords(await sysrootPackages())), ...(await npmRecords(bundled))],
  }
}

function describe(path: string, node: NonNullable<ReturnType<FileTree['get']>>) {
  const content = node.type === 'file' ? sha256(node.data) : node.type === 'symlink' ? node.target : node.type
  return [path, node.mode, content]
}

async function addPrograms(tree: FileTree, options: SystemOptions): Promise<void> {
  if (!existsSync(join(NATIVE, 'Makefile'))) return missing('guest/native/Makefile', options)
  await ensureTools('gcc', 'make')
  const sysroot = await buildSysroot()
  // make writes its products into the checkout, so two builds at once would write the same files.
  const lock = join(cacheRoot(), `native-${hashJson(NATIVE)}.lock`)
  await withLock(lock, () => run('make', ['-C', NATIVE, `SYSROOT=${sysroot}`]))
  for (const [name, path] of [
    ['launcher', GUEST_PATHS.launcher],
    ['docker', GUEST_PATHS.dockerClient],
  ] as const) {
    const program = join(NATIVE, 'build', name)
    if (existsSync(program)) tree.file(path.slice(1), await readFile(program), { mode: 0o755 })
    else missing(program, options)
  }
}

/** Adds the engine and returns the folders of the npm packages it brings. */
async function addEngine(tree: FileTree, options: SystemOptions): Promise<string[]> {
  if (!existsSync(ENGINE_SOURCE)) {
    missing('guest/runtime/main.ts', options)
    return []
  }
  const { code, packages } = await bundleEngine()
  tree.file(GUEST_PATHS.engine.slice(1), code)
  if (options.engineSnapshot) tree.file(GUEST_PATHS.engineSnapshot.slice(1), options.engineSnapshot)
  return packages
}

function missing(what: string, { partial }: SystemOptions): void {
  if (!partial) throw new EngineError('not-found', `${what} is missing: the guest cannot be built without it`)
  note(`  without ${what}: not there yet`)
}

if (isMain(import.meta.url)) {
  await main(async () => {
    console.log((await buildSystem({ partial: process.argv.includes('--partial') })).dir)
  })
}
