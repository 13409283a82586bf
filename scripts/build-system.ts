/** Builds the guest's porthole tree (engine, launcher, docker client, settings) and prints the folder. */
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { EngineError } from '../guest/protocol/errors.ts'
import { GUEST_PATHS } from '../guest/protocol/paths.ts'
import { ENGINE_SOURCE, bundleEngine } from './build-engine.ts'
import { cached } from './lib/cache.ts'
import { copyFolder } from './lib/copy-tree.ts'
import { FileTree } from './lib/file-tree.ts'
import { sha256 } from './lib/hash.ts'
import { ensureTools } from './lib/host-tools.ts'
import { note } from './lib/log.ts'
import { isMain, main } from './lib/main.ts'
import { projectRoot } from './lib/paths.ts'
import { run } from './lib/run.ts'
import { buildSysroot } from './lib/sysroot.ts'
import { storeTree } from './lib/tree-store.ts'

/** Changes when the way of building does. */
const FORMAT = 1

const STATIC_FILES = join(projectRoot, 'guest/system')
const LAUNCHER = join(projectRoot, 'guest/launcher')

/** Time of every file of this tree: it is ours, and its time must not change what the build id hashes. */
const MTIME = Date.UTC(2025, 0, 1) / 1000

/** Mount points and folders that hold nothing. */
const FOLDERS: [path: string, mode: number][] = [
  ...['run', 'proc', 'sys', 'dev', 'etc/docker', 'var/lib'].map((path): [string, number] => [path, 0o755]),
  ['tmp', 0o1777],
  ['var/lib/docker', 0o710],
  ['root', 0o700],
]

export interface SystemOptions {
  /** Build with what is there and say what is missing, rather than fail: for a checkout in which parts are absent. */
  partial?: boolean
}

/** The folder holds index.json.gz and the chunks. */
export async function buildSystem(options: SystemOptions = {}): Promise<string> {
  const tree = new FileTree(MTIME)
  for (const [path, mode] of FOLDERS) tree.directory(path, { mode })
  tree.symlink('var/run', '/run')
  await copyFolder(tree, STATIC_FILES)
  await addPrograms(tree, options)
  await addEngine(tree, options)
  const inputs = { FORMAT, entries: tree.entries().map(([path, node]) => describe(path, node)) }
  return cached('system', inputs, (draft) => storeTree(tree, draft, () => 0))
}

function describe(path: string, node: NonNullable<ReturnType<FileTree['get']>>) {
  const content = node.type === 'file' ? sha256(node.data) : node.type === 'symlink' ? node.target : node.type
  return [path, node.mode, content]
}

async function addPrograms(tree: FileTree, options: SystemOptions): Promise<void> {
  if (!existsSync(join(LAUNCHER, 'Makefile'))) return missing('guest/launcher/Makefile', options)
  await ensureTools('gcc', 'make')
  const sysroot = await buildSysroot()
  await run('make', ['-C', LAUNCHER, `SYSROOT=${sysroot}`])
  for (const [name, path] of [
    ['launcher', GUEST_PATHS.launcher],
    ['docker', GUEST_PATHS.dockerClient],
  ] as const) {
    const program = join(LAUNCHER, 'build', name)
    if (existsSync(program)) tree.file(path.slice(1), await readFile(program), { mode: 0o755 })
    else missing(program, options)
  }
}

async function addEngine(tree: FileTree, options: SystemOptions): Promise<void> {
  if (!existsSync(ENGINE_SOURCE)) return missing('guest/runtime/main.ts', options)
  tree.file(GUEST_PATHS.engine.slice(1), await bundleEngine())
}

function missing(what: string, { partial }: SystemOptions): void {
  if (!partial) throw new EngineError('not-found', `${what} is missing: the guest cannot be built without it`)
  note(`  without ${what}: not there yet`)
}

if (isMain(import.meta.url)) {
  await main(async () => {
    console.log(await buildSystem({ partial: process.argv.includes('--partial') }))
  })
}
