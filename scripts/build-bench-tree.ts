/** Packs Debian's own container runtimes and our floor program for `npm run bench`; prints the archive. Never shipped. */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { buildSystem } from './build-system.ts'
import { rootfsPackages } from './build-rootfs.ts'
import { AptRoot } from './lib/apt-root.ts'
import { cached } from './lib/cache.ts'
import { unpackDebs } from './lib/deb-tree.ts'
import { sha256 } from './lib/hash.ts'
import { isMain, main } from './lib/main.ts'
import { download, resolve } from './lib/packages.ts'
import { projectRoot } from './lib/paths.ts'
import { run } from './lib/run.ts'
import { digestScript } from './lib/source-digest.ts'
import { buildSysroot } from './lib/sysroot.ts'
import { trim } from './lib/trim.ts'
import { writeTar } from './lib/write-tar.ts'

const PEERS = ['crun', 'runc']
const FLOOR = 'usr/lib/porthole/floor'

/** Resolves with a tar archive to be unpacked over the guest's root. */
export async function buildBenchTree(): Promise<string> {
  await buildSystem({ partial: false })
  const launcher = join(projectRoot, 'guest/launcher')
  await run('make', ['-C', launcher, `SYSROOT=${await buildSysroot()}`, 'build/floor'])
  const floor = await readFile(join(launcher, 'build/floor'))
  const root = await AptRoot.open()
  const present = new Set((await rootfsPackages()).map(({ name }) => name))
  const packages = (await resolve(root, PEERS)).filter(({ name }) => !present.has(name))
  const inputs = {
    sources: await digestScript('scripts/build-bench-tree.ts'),
    packages: packages.map(({ name, sha256 }) => [name, sha256]),
    floor: sha256(floor),
  }
  const dir = await cached('bench-tree', inputs, async (draft) => {
    const { tree } = await unpackDebs(packages, await download(root, packages))
    trim(tree)
    tree.file(FLOOR, floor, { mode: 0o755 })
    const entries = [...tree.entries()].filter(([path, node]) => path !== '' && node.type !== 'directory')
    await writeFile(join(draft, 'peers.tar'), await writeTar(entries))
  })
  return join(dir, 'peers.tar')
}

if (isMain(import.meta.url)) {
  await main(async () => {
    console.log(await buildBenchTree())
  })
}
