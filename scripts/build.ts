/**
 * Builds the static site into dist/: the page by vite, the guest's artefacts and the images beside it by hard link.
 * It works under any sub-path. Nothing is rebuilt when nothing changed.
 */
import { existsSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { build } from 'vite'
import { buildArtefacts } from './artefacts.ts'
import { step } from './lib/log.ts'
import { isMain, main } from './lib/main.ts'
import { SHELL_FILES } from './lib/shell-files.ts'
import { guestDir, imagesDir, projectRoot } from './lib/paths.ts'
import { type FileMap, addFolder, publish } from './lib/publish.ts'
import { sealSite } from './lib/release.ts'
import { digestSources } from './lib/source-digest.ts'
import { distDir } from './serve.ts'

/** A file in dist/ that names the sources from which the page was built. */
const STAMP = join(distDir, '.sources')

/** A site need not have mirrors of registries. */
const REGISTRIES = 'public/registries.json'

const PAGE_SOURCES = [
  'web',
  'guest/protocol',
  'guest/vocabulary',
  'lessons',
  'scripts/lib/lessons',
  'scripts/lib/embed-script.ts',
  ...SHELL_FILES.map((name) => `public/${name}`),
  ...(existsSync(join(projectRoot, REGISTRIES)) ? [REGISTRIES] : []),
  'vite.config.ts',
  'package-lock.json',
  'scripts/build.ts',
]

export async function buildSite(): Promise<void> {
  await buildArtefacts()
  await step('page', buildPage)
  await linkArtefacts()
  await sealSite(distDir)
}

async function buildPage(): Promise<void> {
  const digest = await digestSources(...PAGE_SOURCES)
  if (existsSync(STAMP) && (await readFile(STAMP, 'utf8')) === digest) return
  await build({
    root: join(projectRoot, 'web'),
    configFile: join(projectRoot, 'vite.config.ts'),
    logLevel: 'warn',
  })
  await writeFile(STAMP, digest)
}

async function linkArtefacts(): Promise<void> {
  for (const [from, name] of [
    [guestDir, 'guest'],
    [imagesDir, 'images'],
  ] as const) {
    const files: FileMap = new Map()
    await addFolder(files, from)
    await publish(join(distDir, name), files, () => false)
  }
}

if (isMain(import.meta.url)) await main(buildSite)
