import { chmod, cp, mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { AptRoot } from './apt-root.ts'
import { cached } from '../cache.ts'
import { ensureTools } from './host-tools.ts'
import { type DebPackage, download, resolveAlone } from './packages.ts'
import { run } from '../run.ts'

/** Raised when the layout below changes. */
const FORMAT = 5

const PACKAGES = ['musl-dev', 'linux-libc-dev', 'libgcc-14-dev']

/**
 * A C library for static i386 programs that leaves the host alone: musl, the kernel's headers and the compiler's
 * support library, taken out of Debian packages. Layout: `include/`, `lib/`, and `bin/i386-gcc`, which is the host's
 * gcc with `muslGccArgs` and serves as CC in Makefiles.
 */
export async function buildSysroot(): Promise<string> {
  await ensureTools('gcc', 'make')
  const root = await AptRoot.open()
  const packages = await sysrootPackages()
  const inputs = { FORMAT, packages: packages.map(({ name, sha256 }) => [name, sha256]) }
  return cached('sysroot', inputs, async (dir) => {
    const debs = await download(root, packages)
    const unpacked = join(dir, 'unpacked')
    for (const deb of debs.values()) await run('dpkg-deb', ['--extract', deb, unpacked])
    await layOut(unpacked, dir)
    await rm(unpacked, { recursive: true })
  })
}

/** The packages of which every program built with the sysroot holds parts. */
export async function sysrootPackages(): Promise<DebPackage[]> {
  return resolveAlone(await AptRoot.open(), PACKAGES)
}

async function layOut(unpacked: string, dir: string): Promise<void> {
  const copies = [
    ['usr/include/i386-linux-musl', 'include'],
    ['usr/include/linux', 'include/linux'],
    ['usr/include/asm-generic', 'include/asm-generic'],
    ['usr/include/mtd', 'include/mtd'],
    // asm/ is a folder of links into the kernel's own tree.
    ['usr/lib/linux/uapi/x86/asm', 'include/asm'],
    ...['crt1.o', 'crti.o', 'crtn.o', 'libc.a'].map((name) => [
      `usr/lib/i386-linux-musl/${name}`,
      `lib/${name}`,
    ]),
    ['usr/lib/gcc/i686-linux-gnu/14/libgcc.a', 'lib/libgcc.a'],
  ] as const
  for (const [from, to] of copies) await cp(join(unpacked, from!), join(dir, to!), { recursive: true })
  await mkdir(join(dir, 'bin'))
  await writeFile(join(dir, 'bin/i386-gcc'), WRAPPER)
  await chmod(join(dir, 'bin/i386-gcc'), 0o755)
}

/**
 * Arguments that turn the host's gcc into a compiler of static i386 programs against the sysroot; sources and objects
 * go between `before` and `after`. Compiling without linking (`-c`) needs `before` alone.
 */
export function muslGccArgs(sysroot: string): { before: string[]; after: string[] } {
  const lib = (name: string) => join(sysroot, 'lib', name)
  return {
    before: [
      ...['-m32', '-march=i686', '-fno-pie', '-no-pie', '-static'],
      ...['-nostdinc', '-isystem', join(sysroot, 'include')],
    ],
    after: [
      '-nostdlib',
      lib('crt1.o'),
      lib('crti.o'),
      lib('libc.a'),
      lib('libgcc.a'),
      lib('libc.a'),
      lib('crtn.o'),
    ],
  }
}

/** `muslGccArgs` as a program, which finds the sysroot from its own place. */
const WRAPPER = `#!/bin/sh
# The host's gcc for static i386 programs against this sysroot (scripts/lib/debian/sysroot.ts).
root=$(cd "$(dirname "$0")/.." && pwd)
link=yes
for argument in "$@"; do
  case $argument in -c | -S | -E | -M | -MM | -r | -nostdlib) link=no ;; esac
done
if [ $link = yes ]; then
  # The start files come first: what they call may be in an archive of the program's own.
  set -- -nostdlib "$root/lib/crt1.o" "$root/lib/crti.o" "$@" "$root/lib/libc.a" "$root/lib/libgcc.a" \\
    "$root/lib/libc.a" "$root/lib/crtn.o"
fi
exec gcc -m32 -march=i686 -fno-pie -no-pie -static -nostdinc -isystem "$root/include" "$@"
`
