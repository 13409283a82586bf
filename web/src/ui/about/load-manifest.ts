import { EngineError } from '../../../../guest/protocol/errors.ts'
import { isRecord } from '../../../../guest/protocol/wire/is-record.ts'

export interface PackageEntry {
  name: string
  version: string
  licence: string
}

let loaded: Promise<{ packages: PackageEntry[] }> | undefined

/** Lists of the packages in the guest, and in the page with its workers (vite.config.ts). */
const LISTS = ['guest/manifest.json', 'licences.json']

/** Loads the shipped packages by name, once. Rejects with EngineError when a list cannot be read. */
export function loadManifest(): Promise<{ packages: PackageEntry[] }> {
  loaded ??= readManifests().catch((thrown: unknown) => {
    loaded = undefined // the next who asks tries again
    throw EngineError.from(thrown)
  })
  return loaded
}

async function readManifests(): Promise<{ packages: PackageEntry[] }> {
  const lists = await Promise.all(LISTS.map(async (path) => packagesOf(await readJson(path), path)))
  const entries = lists.flat().map((entry) => [`${entry.name} ${entry.version}`, entry] as const)
  const packages = [...new Map(entries).values()]
  return { packages: packages.sort((a, b) => a.name.localeCompare(b.name, 'en')) }
}

async function readJson(path: string): Promise<unknown> {
  const response = await fetch(`./${path}`)
  if (!response.ok) throw new EngineError('unavailable', `${path}: the server answered ${response.status}`)
  return response.json()
}

/** Throws EngineError `corrupt` when there is no list of packages. */
export function packagesOf(manifest: unknown, path: string): PackageEntry[] {
  const packages = isRecord(manifest) ? manifest['packages'] : undefined
  if (!Array.isArray(packages)) throw new EngineError('corrupt', `${path} has no list of packages`)
  return packages.filter(isRecord).map(({ name, version, licence }) => ({
    name: String(name),
    version: String(version),
    licence: String(licence),
  }))
}
