/** Builds the guest's kernel from Debian's source package and prints the folder with bzImage, config and release. */
import { copyFile, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { EngineError } from '../guest/protocol/errors.ts'
import { AptRoot } from './lib/debian/apt-root.ts'
import { cached } from './lib/cache.ts'
import { ensureTools } from './lib/debian/host-tools.ts'
import { droppedOptions, parseFragment } from './lib/kernel-options.ts'
import { isMain, main } from './lib/main.ts'
import { type DebPackage, download, resolveAlone } from './lib/debian/packages.ts'
import { kernelConfig } from './lib/paths.ts'
import { run, runText } from './lib/run.ts'

/** Raised when the way of building changes. */
const FORMAT = 1

const SOURCE_PACKAGE = 'linux-source-6.12'

/** The parts of `tinyconfig`, which come before our fragment. */
const TINY = ['kernel/configs/tiny-base.config', 'kernel/configs/tiny.config', 'arch/x86/configs/tiny.config']

export interface KernelBuild {
  /** Holds `bzImage`, `config` and `release` (the kernel's version as uname prints it). */
  dir: string
  source: DebPackage
}

export async function buildKernel(): Promise<KernelBuild> {
  await ensureTools('gcc', 'make', 'flex', 'bison', 'bc', 'perl', 'xz', 'tar', 'zstd')
  const root = await AptRoot.open()
  const [source] = await resolveAlone(root, [SOURCE_PACKAGE])
  const fragment = await readFile(kernelConfig, 'utf8')
  const compiler = (await runText('gcc', ['--version'])).split('\n')[0]!
  const dir = await cached(
    'kernel',
    { FORMAT, source: source!.sha256, fragment, compiler },
    async (draft) => {
      const deb = (await download(root, [source!])).get(SOURCE_PACKAGE)!
      const work = join(draft, 'work')
      const { tree, date } = await unpackSource(deb, work)
      await configure(tree, fragment)
      await compile(tree, date)
      await copyFile(join(tree, 'arch/x86/boot/bzImage'), join(draft, 'bzImage'))
      await copyFile(join(tree, '.config'), join(draft, 'config'))
      await copyFile(join(tree, 'include/config/kernel.release'), join(draft, 'release'))
      await rm(work, { recursive: true })
    },
  )
  return { dir, source: source! }
}

async function unpackSource(deb: string, work: string): Promise<{ tree: string; date: Date }> {
  await run('dpkg-deb', ['--extract', deb, work])
  const tarball = join(work, 'usr/src', `${SOURCE_PACKAGE}.tar.xz`)
  const date = (await stat(tarball)).mtime
  await run('tar', ['-xf', tarball, '-C', work])
  const name = (await readdir(work)).find((entry) => entry.startsWith('linux-'))
  if (name === undefined) throw new EngineError('corrupt', `${deb} holds no kernel source`)
  return { tree: join(work, name), date }
}

/** Writes .config: a question that neither tinyconfig nor the fragment answers is answered no. */
async function configure(tree: string, fragment: string): Promise<void> {
  const tiny = await Promise.all(TINY.map((path) => readFile(join(tree, path), 'utf8')))
  const answers = join(tree, 'porthole.answers')
  await writeFile(answers, [...tiny, fragment].join('\n'))
  await run('make', ['-C', tree, 'ARCH=i386', 'allnoconfig'], { env: { KCONFIG_ALLCONFIG: answers } })
  const dropped = droppedOptions(parseFragment(fragment), await readFile(join(tree, '.config'), 'utf8'))
  if (dropped.length > 0) {
    const advice = 'add what each depends on to guest/kernel-config/porthole.config, or take it out'
    throw new EngineError('invalid', `the kernel cannot be configured so: ${dropped.join('; ')}. ${advice}.`)
  }
}

async function compile(tree: string, date: Date): Promise<void> {
  // `uname -v` prints these names and the source package's time, so that equal inputs give equal bytes.
  const env = {
    KBUILD_BUILD_USER: 'porthole',
    KBUILD_BUILD_HOST: 'porthole',
    KBUILD_BUILD_TIMESTAMP: date.toUTCString(),
  }
  const jobs = `-j${availableParallelism() + 1}`
  await run('nice', ['make', '-C', tree, 'ARCH=i386', jobs, 'bzImage'], { env })
}

if (isMain(import.meta.url)) {
  await main(async () => {
    console.log((await buildKernel()).dir)
  })
}
