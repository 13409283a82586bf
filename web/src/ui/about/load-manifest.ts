import { EngineError } from '../../../../guest/protocol/errors.ts'

export interface PackageEntry {
  name: string
  version: string
  licence: string
}

let loaded: Promise<{ packages: PackageEntry[] }> | undefined

/** What the guest is made of, from public/guest/manifest.json, read once. Rejects with EngineError when it cannot be read. */
export function loadManifest(): Promise<{ packages: PackageEntry[] }> {
  loaded ??= readManifest().catch((thrown: unknown) => {
    loaded = undefined // the next who asks tries again
    throw EngineError.from(thrown)
  })
  return loaded
}

async function readManifest(): Promise<{ packages: PackageEntry[] }> {
  const response = await fetch('./guest/manifest.json')
  if (!response.ok)
    throw new EngineError('unavailable', `guest/manifest.json: the server answered ${response.status}`)
  const manifest: unknown = await response.json()
  return { packages: packagesOf(manifest) }
}

/** Throws EngineError `corrupt` when there is no list of packages. */
export function packagesOf(manifest: unknown): PackageEntry[] {
  const packages = isRecord(manifest) ? manifest['packages'] : undefined
  if (!Array.isArray(packages))
    throw new EngineError('corrupt', 'guest/manifest.json has no list of packages')
  return packages.filter(isRecord).map(({ name, version, licence }) => ({
    name: String(name),
    version: String(version),
    licence: String(licence),
  }))
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
