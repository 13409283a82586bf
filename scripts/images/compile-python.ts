import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { EngineError } from '../../guest/protocol/errors.ts'
import { copyFolder } from '../lib/trees/copy-tree.ts'
import { materialize } from '../lib/materialize.ts'
import type { FileTree } from '../lib/trees/file-tree.ts'
import { AptRoot } from '../lib/debian/apt-root.ts'
import { debianPrograms, hostArchitecture } from '../lib/debian/debian-programs.ts'
import { resolve } from '../lib/debian/packages.ts'
import { run } from '../lib/run.ts'

/**
 * Byte-compiles the standard library, as the packages' postinst would: without it each container's first Python would
 * compile every module it imports. The same version's interpreter for this host does it, as a 64-bit kernel need not run
 * the image's own: bytecode depends on the version, not on the processor. Deterministic: one process, a fixed hash seed,
 * and files that name no time.
 */
export async function compilePython(tree: FileTree, version: string): Promise<void> {
  const python = await hostPython(version)
  const dir = await mkdtemp(join(tmpdir(), 'porthole-python-'))
  try {
    await materialize(tree, dir, (path) => /^usr\/lib(\/|$)/.test(path))
    const folder = (await readdir(join(dir, 'usr/lib'))).find((name) => /^python3\.\d+$/.test(name))
    if (folder === undefined)
      throw new EngineError('internal', 'the python packages hold no standard library')
    const library = join(dir, 'usr/lib', folder)
    const options = ['-q', '-f', '--invalidation-mode', 'unchecked-hash', '-s', dir, '-p', '/', library]
    await run(python, ['-m', 'compileall', ...options], { env: { PYTHONHASHSEED: '0' } })
    await copyCompiled(tree, library, `usr/lib/${folder}`)
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
}

/** @throws EngineError `conflict` when Debian has another version for this host than for the image */
async function hostPython(version: string): Promise<string> {
  const { debian } = hostArchitecture()
  const here = (await resolve(await AptRoot.open(debian), ['python3'])).find(({ name }) => name === 'python3')
  if (here?.version !== version) {
    const fix = 'run `npx tsx scripts/refresh.ts` to read both lists anew'
    throw new EngineError(
      'conflict',
      `Debian has Python ${version} for i386, ${here?.version} for ${debian}: ${fix}`,
    )
  }
  const dir = await debianPrograms(['python3'], { python3: 'PYTHONHOME=$root/usr usr/bin/python3' })
  return join(dir, 'bin/python3')
}

async function copyCompiled(tree: FileTree, from: string, to: string): Promise<void> {
  for (const entry of await readdir(from, { withFileTypes: true })) {
    if (!entry.isDirectory()) continue
    const [source, path] = [join(from, entry.name), `${to}/${entry.name}`]
    if (entry.name === '__pycache__') await copyFolder(tree, source, path)
    else await copyCompiled(tree, source, path)
  }
}
