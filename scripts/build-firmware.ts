/** Takes the PC firmware out of Debian's seabios package and prints the folder with bios.bin and vgabios.bin. */
import { copyFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { AptRoot } from './lib/debian/apt-root.ts'
import { cached } from './lib/cache.ts'
import { isMain, main } from './lib/main.ts'
import { type DebPackage, download, resolveAlone } from './lib/debian/packages.ts'
import { run } from './lib/run.ts'

/** Raised when the way of building changes. */
const FORMAT = 1

/** v86 emulates the standard VGA card. */
const FILES = { 'bios.bin': 'bios.bin', 'vgabios-stdvga.bin': 'vgabios.bin' }

export async function buildFirmware(): Promise<{ dir: string; source: DebPackage }> {
  const root = await AptRoot.open()
  const packages = await resolveAlone(root, ['seabios'])
  const source = packages[0]!
  const dir = await cached('firmware', { FORMAT, sha256: source.sha256 }, async (draft) => {
    const deb = (await download(root, packages)).get('seabios')!
    const unpacked = join(draft, 'unpacked')
    await run('dpkg-deb', ['--extract', deb, unpacked])
    for (const [from, to] of Object.entries(FILES)) {
      await copyFile(join(unpacked, 'usr/share/seabios', from), join(draft, to))
    }
    await rm(unpacked, { recursive: true })
  })
  return { dir, source }
}

if (isMain(import.meta.url)) {
  await main(async () => {
    console.log((await buildFirmware()).dir)
  })
}
