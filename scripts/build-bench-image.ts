/** Builds the image of `npm run bench`: Debian's container engines and runtimes, and our floor program. Prints the OCI layout. Never shipped. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { PACKAGES as DEBIAN } from './images/debian.ts'
import { PATH } from './images/context.ts'
import { AptRoot } from './lib/debian/apt-root.ts'
import { cached } from './lib/cache.ts'
import { unpackDebs } from './lib/debian/deb-tree.ts'
import { alternative, configureBase, configureLibc } from './lib/debian/debian-system.ts'
import { sha256 } from './lib/hash.ts'
import { isMain, main } from './lib/main.ts'
import { OciLayout } from './lib/trees/oci-layout.ts'
import { download, resolve } from './lib/debian/packages.ts'
import { projectRoot } from './lib/paths.ts'
import { run } from './lib/run.ts'
import { digestScript } from './lib/source-digest.ts'
import { buildSysroot } from './lib/debian/sysroot.ts'
import { trim } from './lib/trees/trim.ts'

export const BENCH_IMAGE = 'bench-peers'
export const FLOOR = 'usr/lib/porthole/floor'

const PEERS = [
  ...['crun', 'runc', 'docker.io', 'docker-cli', 'docker-compose', 'podman', 'nftables', 'ca-certificates'],
]

/** Resolves with a layout of one image. */
export async function buildBenchImage(): Promise<string> {
  const floor = await buildFloor()
  const root = await AptRoot.open()
  const packages = await resolve(root, [...DEBIAN, ...PEERS])
  const inputs = {
    script: await digestScript('scripts/build-bench-image.ts'),
    packages: packages.map(({ name, sha256 }) => [name, sha256]),
    floor: sha256(floor),
  }
  return cached('bench-image', inputs, async (dir) => {
    const { tree } = await unpackDebs(packages, await download(root, packages))
    trim(tree)
    configureBase(tree)
    configureLibc(tree)
    alternative(tree, 'usr/sbin/iptables', 'usr/sbin/iptables-nft')
    alternative(tree, 'usr/sbin/ip6tables', 'usr/sbin/ip6tables-nft')
    tree.file(FLOOR, floor, { mode: 0o755 })
    const layout = new OciLayout(dir)
    const entries = [...tree.entries()].filter(([path]) => path !== '')
    const layer = await layout.addLayer(entries, `ADD ${PEERS.join(' ')} of Debian in /`)
    await layout.addImage({
      name: BENCH_IMAGE,
      layers: [layer],
      created: tree.mtime,
      config: { Env: [PATH], Cmd: ['bash'] },
    })
    await layout.finish()
  })
}

/** Builds the program that does the least a launch can take: see its source. */
async function buildFloor(): Promise<Buffer> {
  const native = join(projectRoot, 'guest/native')
  await run('make', ['-C', native, `SYSROOT=${await buildSysroot()}`, 'build/floor'])
  return readFile(join(native, 'build/floor'))
}

if (isMain(import.meta.url)) {
  await main(async () => {
    console.log(await buildBenchImage())
  })
}
