import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { EngineError } from '../../guest/protocol/errors.ts'
import { copyFolder } from '../lib/copy-tree.ts'
import { materialize } from '../lib/materialize.ts'
import type { FileTree } from '../lib/file-tree.ts'
import { tryRun } from '../lib/run.ts'

/**
 * Byte-compiles the standard library, as the packages' postinst would: without it each container's first Python would
 * compile every module it imports. The image's own i386 interpreter does it here, through its own loader, so that the
 * files fit it. Deterministic: one process, a fixed hash seed, and files that name no time.
 */
export async function compilePython(tree: FileTree): Promise<void> {
  const dir = await mkdtemp(join(tmpdir(), 'porthole-python-'))
  try {
    await materialize(tree, dir, (path) => /^(lib|usr\/lib|bin|usr\/bin)(\/|$)/.test(path))
    const folder = (await readdir(join(dir, 'usr/lib'))).find((name) => /^python3\.\d+$/.test(name))
    if (folder === undefined)
      throw new EngineError('internal', 'the python packages hold no standard library')
    const library = join(dir, 'usr/lib', folder)
    const loader = [
      join(dir, 'usr/lib/i386-linux-gnu/ld-linux.so.2'),
      '--library-path',
      join(dir, 'usr/lib/i386-linux-gnu'),
    ]
    const options = ['-q', '-f', '--invalidation-mode', 'unchecked-hash', '-s', dir, '-p', '/', library]
    const env = { PYTHONHOME: join(dir, 'usr'), PYTHONHASHSEED: '0', PYTHONDONTWRITEBYTECODE: '1' }
    const args = [...loader.slice(1), join(dir, 'usr/bin', folder), '-m', 'compileall', ...options]
    const { status, stderr } = await tryRun(loader[0]!, args, { env })
    if (status !== 0) {
      const fix = 'this machine must be able to run 32-bit x86 programs (CONFIG_IA32_EMULATION)'
      throw new EngineError('unavailable', `Python's library could not be compiled: ${stderr.trim()}; ${fix}`)
    }
    await copyCompiled(tree, library, `usr/lib/${folder}`)
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
}

async function copyCompiled(tree: FileTree, from: string, to: string): Promise<void> {
  for (const entry of await readdir(from, { withFileTypes: true })) {
    if (!entry.isDirectory()) continue
    const [source, path] = [join(from, entry.name), `${to}/${entry.name}`]
    if (entry.name === '__pycache__') await copyFolder(tree, source, path)
    else await copyCompiled(tree, source, path)
  }
}
