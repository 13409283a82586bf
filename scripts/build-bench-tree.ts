/** Builds a tree of Debian's own container runtimes for `npm run bench`, over the guest's tree; prints the folder. */
import { AptRoot } from './lib/apt-root.ts'
import { rootfsPackages } from './build-rootfs.ts'
import { cached } from './lib/cache.ts'
import { unpackDebs } from './lib/deb-tree.ts'
import { isMain, main } from './lib/main.ts'
import { download, resolve } from './lib/packages.ts'
import { digestScript } from './lib/source-digest.ts'
import { storeTree } from './lib/tree-store.ts'
import { trim } from './lib/trim.ts'

const PEERS = ['crun', 'runc']

/** Never shipped: the folder stays in the cache. */
export async function buildBenchTree(): Promise<string> {
  const root = await AptRoot.open()
  const present = new Set((await rootfsPackages()).map(({ name }) => name))
  const packages = (await resolve(root, PEERS)).filter(({ name }) => !present.has(name))
  const sources = await digestScript('scripts/build-bench-tree.ts')
  const inputs = { sources, packages: packages.map(({ name, sha256 }) => [name, sha256]) }
  return cached('bench-tree', inputs, async (draft) => {
    const { tree } = await unpackDebs(packages, await download(root, packages))
    trim(tree)
    await storeTree(tree, draft, () => 0)
  })
}

if (isMain(import.meta.url)) {
  await main(async () => {
    console.log(await buildBenchTree())
  })
}
