/** Builds the initramfs (one static program, guest/native/initramfs/initramfs.c) and prints the path of its archive. */
import { readFile, rm, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { cached } from './lib/cache.ts'
import { writeCpio } from './lib/trees/cpio.ts'
import { ensureTools } from './lib/debian/host-tools.ts'
import { isMain, main } from './lib/main.ts'
import { projectRoot } from './lib/paths.ts'
import { run } from './lib/run.ts'
import { buildSysroot, muslGccArgs } from './lib/debian/sysroot.ts'

/** Raised when the way of building changes. */
const FORMAT = 1

const SOURCE = join(projectRoot, 'guest/native/initramfs/initramfs.c')
const ARCHIVE = 'initramfs.cpio.zst'

export async function buildInitramfs(): Promise<string> {
  await ensureTools('zstd')
  const sysroot = await buildSysroot()
  const source = await readFile(SOURCE, 'utf8')
  const dir = await cached('initramfs', { FORMAT, source, sysroot: basename(sysroot) }, async (draft) => {
    const program = join(draft, 'init')
    const { before, after } = muslGccArgs(sysroot)
    const flags = ['-std=gnu11', '-Wall', '-Wextra', '-Werror', '-Os', '-s', '-Wl,--build-id=none']
    await run('gcc', [...before, ...flags, '-o', program, SOURCE, ...after])
    const archive = join(draft, 'initramfs.cpio')
    await writeFile(archive, writeCpio([{ name: 'init', mode: 0o100755, data: await readFile(program) }]))
    await run('zstd', ['-q', '-19', '--rm', archive, '-o', join(draft, ARCHIVE)])
    await rm(program)
  })
  return join(dir, ARCHIVE)
}

if (isMain(import.meta.url)) {
  await main(async () => {
    console.log(await buildInitramfs())
  })
}
