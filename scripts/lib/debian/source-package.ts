/** Finds Debian source packages in the signed lists, fetches, unpacks and patches them. */
import { existsSync } from 'node:fs'
import { readFile, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { EngineError } from '../../../guest/protocol/errors.ts'
import type { AptRoot } from './apt-root.ts'
import { withLock } from '../lock.ts'
import { step } from '../log.ts'
import { checkedArchive, fetchArchives, remembered } from './packages.ts'
import { run } from '../run.ts'
import { type Stanza, parseStanzas } from './stanzas.ts'

export interface SourcePackage {
  name: string
  version: string
  /** The description (.dsc), the upstream archive and Debian's own, with the sha256 of the signed list. */
  files: { file: string; sha256: string }[]
}

/** Raised when `resolveSource` records something else. */
const FORMAT = 1

/** The version of a source package that apt would take. @param root one that `AptRoot.openSources` made */
export function resolveSource(root: AptRoot, name: string): Promise<SourcePackage> {
  return remembered(root, { FORMAT, source: name }, async () => {
    const uris = await root.apt('apt-get', 'source', '--download-only', '--print-uris', name)
    const description = /^'\S+' (\S+\.dsc) /m.exec(uris)?.[1]
    const known = parseStanzas(await root.apt('apt-cache', 'showsrc', '--only-source', name))
    const source = known.map(parseSource).find(({ files }) => files.some(({ file }) => file === description))
    if (source === undefined) throw new EngineError('not-found', `Debian has no source package ${name}`)
    return source
  })
}

/** One paragraph of a Sources list; `Checksums-Sha256` has a line `<sha256> <size> <name>` for each file. */
export function parseSource({ Package, Version, 'Checksums-Sha256': checksums }: Stanza): SourcePackage {
  const files = [...(checksums ?? '').matchAll(/^([0-9a-f]{64}) \d+ (\S+)$/gm)]
  if (Package === undefined || Version === undefined || files.length === 0)
    throw new EngineError('corrupt', `Debian's list says too little of a source package ${Package ?? ''}`)
  return {
    name: Package,
    version: Version,
    files: files.map(([, sha256, file]) => ({ sha256: sha256!, file: file! })),
  }
}

/** The folder in which a source package was unpacked, and the time when its authors released it. */
export interface SourceTree {
  dir: string
  /** The time of the folder in the upstream archive. */
  date: Date
}

/**
 * Fetches a source package and unpacks it below the empty folder `work`: the upstream release, Debian's folder in it,
 * and Debian's patches except those in `leftOut`.
 */
export async function unpackSource(
  root: AptRoot,
  source: SourcePackage,
  work: string,
  leftOut: readonly string[],
): Promise<SourceTree> {
  await downloadSource(root, source)
  const [upstream, debian] = await Promise.all(
    ['orig', 'debian'].map((part) => archiveOf(root, source, new RegExp(`\\.${part}\\.tar\\.\\w+$`))),
  )
  await run('tar', ['-xf', upstream!, '-C', work])
  const [name, ...more] = await readdir(work)
  if (name === undefined || more.length > 0)
    throw new EngineError('corrupt', `${upstream!} holds more than one folder`)
  const dir = join(work, name)
  const date = (await stat(dir)).mtime
  await run('tar', ['-xf', debian!, '-C', dir])
  const series = chosenPatches(await readFile(join(dir, 'debian/patches/series'), 'utf8'), leftOut)
  for (const patch of series)
    await run('patch', ['-p1', '-s', '--no-backup-if-mismatch', '-i', `debian/patches/${patch}`], {
      cwd: dir,
    })
  return { dir, date }
}

async function downloadSource(root: AptRoot, { name, version, files }: SourcePackage): Promise<void> {
  await withLock(join(root.dir, 'download.lock'), async () => {
    if (files.every(({ file }) => existsSync(join(root.archives, file)))) return
    await step(`downloading the source of ${name}`, () =>
      fetchArchives(root, 'source', '--download-only', `${name}=${version}`),
    )
  })
}

async function archiveOf(root: AptRoot, { name, files }: SourcePackage, pattern: RegExp): Promise<string> {
  const archive = files.find(({ file }) => pattern.test(file))
  if (archive === undefined)
    throw new EngineError('corrupt', `the source package ${name} has no archive ${pattern.source}`)
  return checkedArchive(root, archive)
}

/** The names in a series file (quilt(1)), except those left out. */
export function chosenPatches(series: string, leftOut: readonly string[]): string[] {
  return series
    .split('\n')
    .map((line) => line.replace(/(^|\s)#.*/, '').trim())
    .filter((line) => line !== '' && !leftOut.includes(line))
}
