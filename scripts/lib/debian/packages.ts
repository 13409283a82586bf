import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { EngineError } from '../../../guest/protocol/errors.ts'
import type { AptRoot } from './apt-root.ts'
import { type Json, hashJson, sha256File } from '../hash.ts'
import { withLock } from '../lock.ts'
import { step } from '../log.ts'
import { cacheRoot } from '../paths.ts'
import { parseStanzas } from './stanzas.ts'

/** One Debian binary package of a resolved set. */
export interface DebPackage {
  name: string
  version: string
  architecture: string
  /** Source package, and its version when it differs. */
  source: string
  /** The sha256 of the .deb file that the signed list states. */
  sha256: string
  size: number
  /** Name of the file in the apt root's archives. */
  file: string
}

/** Raised when `resolve` records something else. */
const FORMAT = 2

/**
 * Resolves the named packages with all they depend on (no recommendations), in apt's order of installation. The answer
 * is kept for each set and its lists, because asking apt takes a second.
 */
export async function resolve(root: AptRoot, names: string[]): Promise<DebPackage[]> {
  const wanted = [...new Set(names)].sort()
  // The release files of a suite name the lists of all architectures.
  return remembered(root, { FORMAT, wanted, architecture: root.architecture }, () => askApt(root, wanted))
}

/** Keeps apt's answer about these lists to the question that `inputs` names. */
export async function remembered<Answer>(
  root: AptRoot,
  inputs: { [key: string]: Json },
  ask: () => Promise<Answer>,
): Promise<Answer> {
  const home = join(cacheRoot(), 'resolved')
  const memo = join(home, `${hashJson({ ...inputs, lists: await root.listsFingerprint() })}.json`)
  if (existsSync(memo)) return JSON.parse(await readFile(memo, 'utf8')) as Answer
  const answer = await ask()
  await mkdir(home, { recursive: true })
  // Others may ask the same at the same time, in this process too.
  const draft = `${memo}.${randomUUID()}`
  await writeFile(draft, JSON.stringify(answer, null, 1))
  await rename(draft, memo)
  return answer
}

/** Resolves the named packages without what they depend on, to take files out of them rather than run them. */
export async function resolveAlone(root: AptRoot, names: string[]): Promise<DebPackage[]> {
  const all = await resolve(root, names)
  return all.filter(({ name }) => names.includes(name)).sort((a, b) => (a.name < b.name ? -1 : 1))
}

async function askApt(root: AptRoot, wanted: string[]): Promise<DebPackage[]> {
  // apt prints no address for an archive that it has already; with an empty folder it prints all.
  const nowhere = ['-o', `Dir::Cache::archives=${join(root.dir, 'empty')}`]
  const uris = await root.apt('apt-get', '-y', ...nowhere, '--print-uris', 'install', ...wanted)
  const chosen = [...uris.matchAll(/^'\S+' (\S+)\.deb \d+/gm)].map((match) => decodeName(match[1]!))
  if (chosen.length === 0) throw new EngineError('internal', `apt resolved nothing for ${wanted.join(' ')}`)
  const shown = await root.apt(
    'apt-cache',
    'show',
    ...chosen.map(({ name, version }) => `${name}=${version}`),
  )
  const known = new Map(parseStanzas(shown).map((fields) => [`${fields.Package}=${fields.Version}`, fields]))
  return chosen.map(({ name, version, file }) => {
    const fields = known.get(`${name}=${version}`)
    if (fields?.SHA256 === undefined)
      throw new EngineError('internal', `apt has no sha256 of ${name} ${version}`)
    return {
      name,
      version,
      architecture: fields.Architecture ?? '',
      source: fields.Source ?? name,
      sha256: fields.SHA256,
      size: Number(fields.Size),
      file: `${file}.deb`,
    }
  })
}

/** apt names archives `name_version_architecture`, with '%' escapes (`1%3a2.0`). */
function decodeName(file: string): { name: string; version: string; file: string } {
  const [name, version] = file.split('_')
  if (name === undefined || version === undefined)
    throw new EngineError('internal', `odd archive name ${file}`)
  return { name, version: decodeURIComponent(version), file }
}

/**
 * Downloads the packages that are missing and returns the paths of all .deb files by package name. apt checks each
 * download against the signed list; this checks files that were there before.
 */
export async function download(root: AptRoot, packages: DebPackage[]): Promise<Map<string, string>> {
  await withLock(join(root.dir, 'download.lock'), async () => {
    const missing = packages.filter(({ file }) => !existsSync(join(root.archives, file)))
    if (missing.length === 0) return
    const mebibytes = missing.reduce((sum, { size }) => sum + size, 0) / (1 << 20)
    const exact = missing.map(({ name, version }) => `${name}=${version}`)
    await step(`downloading ${missing.length} packages (${mebibytes.toFixed(0)} MiB)`, () =>
      fetchArchives(root, 'download', ...exact),
    )
  })
  const paths = new Map<string, string>()
  for (const archive of packages) paths.set(archive.name, await checkedArchive(root, archive))
  return paths
}

/** The path of a file in the root's archives that has the sha256 of Debian's list. */
export async function checkedArchive(
  root: AptRoot,
  { file, sha256 }: { file: string; sha256: string },
): Promise<string> {
  const path = join(root.archives, file)
  if ((await sha256File(path)) !== sha256) {
    throw new EngineError('corrupt', `${path} has not the sha256 of Debian's list: delete it and start again`)
  }
  return path
}

/** Runs a command of apt-get that stores archives in the root's folder of them. */
export async function fetchArchives(root: AptRoot, ...command: string[]): Promise<void> {
  try {
    await root.apt('apt-get', ...command)
  } catch (error) {
    const fix = 'Debian drops superseded versions: run `npx tsx scripts/refresh.ts` to read its lists anew'
    const reason = EngineError.from(error).message
    throw new EngineError('unavailable', `packages could not be downloaded (${fix}): ${reason}`, {}, error)
  }
}

/** Splits a Debian version into upstream's release, e.g. `8.0.2` of `5:8.0.2-3+deb13u1`, and Debian's revision. */
export function splitVersion(version: string): { release: string; revision: string } {
  const [, release = version, revision = ''] = /^(?:\d+:)?(.*?)(?:-([^-]*))?$/.exec(version) ?? []
  return { release, revision }
}
