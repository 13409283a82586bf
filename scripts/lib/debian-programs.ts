/** Programs of Debian's current release run on this host as they are, whatever the host's own release is. */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { AptRoot } from './apt-root.ts'
import { cached } from './cache.ts'
import { download, resolve } from './packages.ts'
import { run } from './run.ts'

/** Changes when the layout below does. */
const FORMAT = 1

const LOADER = 'usr/lib/ld-linux.so.2'
const LIBRARIES = 'usr/lib/i386-linux-gnu'

/**
 * Unpacks i386 packages with all they depend on, libc included, into a folder of the cache and resolves with it.
 * `bin/<name>` starts a program with those libraries; `programs` maps that name to its path in the packages, with
 * leading `NAME=value` settings in which `$root` is the folder.
 */
export async function debianPrograms(packages: string[], programs: Record<string, string>): Promise<string> {
  const root = await AptRoot.open()
  const resolved = await resolve(root, packages)
  const inputs = { FORMAT, programs, packages: resolved.map(({ name, sha256 }) => [name, sha256]) }
  return cached('debian-programs', inputs, async (dir) => {
    for (const deb of (await download(root, resolved)).values())
      await run('dpkg-deb', ['--extract', deb, dir])
    await mkdir(join(dir, 'bin'), { recursive: true })
    for (const [name, command] of Object.entries(programs))
      await writeFile(join(dir, 'bin', name), starter(command), { mode: 0o755 })
  })
}

/** The loader is named by path, because the host's own may be older than what the packages were built for. */
function starter(command: string): string {
  const words = command.split(' ')
  const path = words.pop()
  const settings = words.map((setting) => `export ${setting}\n`).join('')
  return `#!/bin/sh
root=$(dirname "$(dirname "$(readlink -f "$0")")")
${settings}exec "$root/${LOADER}" --library-path "$root/${LIBRARIES}" "$root/${path}" "$@"
`
}
