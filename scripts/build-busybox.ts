/** Builds the programs of the busybox image from Debian's source package and prints the folder they are in. */
import { copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { basename, join } from 'node:path'
import { EngineError } from '../guest/protocol/errors.ts'
import { AptRoot } from './lib/debian/apt-root.ts'
import { cached } from './lib/cache.ts'
import type { PackageRecord } from './lib/debian/deb-tree.ts'
import { ensureTools } from './lib/debian/host-tools.ts'
import { type KernelOption, droppedOptions, parseFragment, withOptions } from './lib/kernel-options.ts'
import { summarizeLicences } from './lib/debian/licences.ts'
import { isMain, main } from './lib/main.ts'
import { splitVersion } from './lib/debian/packages.ts'
import { busyboxSources } from './lib/paths.ts'
import { run, runText } from './lib/run.ts'
import { type SourcePackage, resolveSource, unpackSource } from './lib/debian/source-package.ts'
import { buildSysroot, muslGccArgs } from './lib/debian/sysroot.ts'

/** Raised when the way of building changes. */
const FORMAT = 1

/**
 * Debian's patches that are left out. Debian's shell exports PATH by itself and keeps names in the environment that are
 * no names of variables; the official image has upstream's shell. Debian's syslogd takes a socket of systemd's, by a
 * call that newer compilers refuse with musl's headers. The other patches repair the build or make no difference in a
 * container.
 */
const LEFT_OUT = [
  'shell-ash-export-HOME.patch',
  'revert-9c143ce52da11ec3d21a3491c3749841d3dc10f0.patch',
  'temp-deb-installer-hack.patch',
  'syslogd-make-it-optionally-systemd-socket-activated.patch',
]

export interface BusyboxBuild {
  /** Holds `busybox` and `getconf`, static programs of the guest, and `config`. */
  dir: string
  /** E.g. `1.37.0`. */
  version: string
  /** When upstream released it, seconds since the epoch. */
  released: number
  record: PackageRecord
}

/** The content of `build.json` in the folder. */
type BuildFacts = Omit<BusyboxBuild, 'dir'>

export async function buildBusyboxPrograms(): Promise<BusyboxBuild> {
  await ensureTools('gcc', 'make', 'bzip2', 'xz', 'tar', 'patch')
  const root = await AptRoot.openSources()
  const source = await resolveSource(root, 'busybox')
  const sysroot = await buildSysroot()
  const fragment = await readFile(join(busyboxSources, 'busybox.config'), 'utf8')
  const inputs = {
    FORMAT,
    LEFT_OUT,
    fragment,
    source: source.files.map(({ file, sha256 }) => [file, sha256]),
    getconf: await readFile(join(busyboxSources, 'getconf.c'), 'utf8'),
    sysroot: basename(sysroot),
    compiler: (await runText('gcc', ['--version'])).split('\n')[0]!,
  }
  const dir = await cached('busybox', inputs, async (draft) => {
    const work = join(draft, 'work')
    await mkdir(work)
    const { dir: tree, date } = await unpackSource(root, source, work, LEFT_OUT)
    const make = makeIn(tree, sysroot, date)
    await configure(tree, make, parseFragment(fragment))
    await make(`-j${availableParallelism() + 1}`, 'busybox')
    await copyFile(join(tree, 'busybox'), join(draft, 'busybox'))
    await copyFile(join(tree, '.config'), join(draft, 'config'))
    await compileGetconf(sysroot, join(draft, 'getconf'))
    const copyright = await readFile(join(tree, 'debian/copyright'), 'utf8')
    await writeFile(join(draft, 'build.json'), JSON.stringify(facts(source, date, copyright)))
    await rm(work, { recursive: true })
  })
  return { dir, ...(JSON.parse(await readFile(join(dir, 'build.json'), 'utf8')) as BuildFacts) }
}

type Make = (...args: string[]) => Promise<void>

function makeIn(tree: string, sysroot: string, date: Date): Make {
  // `busybox` prints the release's time in its first line, so that equal inputs give equal bytes.
  const env = { SOURCE_DATE_EPOCH: String(date.getTime() / 1000) }
  // musl's libc.a holds what other C libraries keep in libm, libcrypt, libresolv and librt.
  const variables = ['ARCH=i386', `CC=${join(sysroot, 'bin/i386-gcc')}`, 'LDLIBS=']
  return async (...args) => {
    await run('nice', ['make', '-C', tree, ...variables, ...args], { env })
  }
}

/** Writes .config: upstream's defaults with our answers; questions that our answers raise get upstream's defaults. */
async function configure(tree: string, make: Make, fragment: KernelOption[]): Promise<void> {
  const config = join(tree, '.config')
  await make('defconfig')
  await writeFile(config, withOptions(await readFile(config, 'utf8'), fragment))
  await make('oldconfig')
  const dropped = droppedOptions(fragment, await readFile(config, 'utf8'))
  if (dropped.length > 0) {
    const advice = 'correct guest/images/busybox/busybox.config'
    throw new EngineError('invalid', `busybox cannot be configured so: ${dropped.join('; ')}. ${advice}.`)
  }
}

async function compileGetconf(sysroot: string, program: string): Promise<void> {
  const { before, after } = muslGccArgs(sysroot)
  const flags = ['-D_GNU_SOURCE', '-Wall', '-Wextra', '-Werror', '-Os', '-s', '-Wl,--build-id=none']
  await run('gcc', [...before, ...flags, '-o', program, join(busyboxSources, 'getconf.c'), ...after])
}

function facts({ name, version, files }: SourcePackage, date: Date, copyright: string): BuildFacts {
  const description = files.find(({ file }) => file.endsWith('.dsc'))
  return {
    version: splitVersion(version).release,
    released: date.getTime() / 1000,
    record: {
      name,
      version,
      licence: summarizeLicences(copyright),
      source: name,
      sha256: description?.sha256,
    },
  }
}

if (isMain(import.meta.url)) {
  await main(async () => {
    console.log((await buildBusyboxPrograms()).dir)
  })
}
