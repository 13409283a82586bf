/** The list of what a packed site is made of, with licences and where the sources are. */
import type { PackageRecord } from '../debian/deb-tree.ts'

const HEAD = `What this archive is made of, with the licence of each package and where its source is.

Packages with a Debian source: https://snapshot.debian.org/package/SOURCE/VERSION/ has the source of exactly this version.
Packages with the source npm: \`npm pack NAME@VERSION\` fetches what was used.
Everything else was compiled from the Debian source that is named, with the scripts of the project.
`

/** @param lists the packages of guest/manifest.json and of licences.json */
export function licenceList(...lists: readonly PackageRecord[][]): string {
  const lines = lists.flat().map(({ name, version, licence, source }) => {
    return `${name} ${version}\n    licence: ${licence}\n    source: ${source}`
  })
  return `${HEAD}\n${[...new Set(lines)].sort().join('\n')}\n`
}
