/** Runs programs of Debian's current release on this host, whatever the host's own release is. */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { EngineError } from '../../../guest/protocol/errors.ts'
import { AptRoot } from './apt-root.ts'
import { cached } from '../cache.ts'
import { download, resolve } from './packages.ts'
import { run } from '../run.ts'

/** Raised when the layout below changes. */
const FORMAT = 2

interface HostArchitecture {
  debian: string
  /** The folder in which packages have libraries, and the name of the loader in it. */
  libraries: string
  loader: string
}

/** The host's own architecture, because a 64-bit kernel need not run 32-bit programs. */
const ARCHITECTURES: Partial<Record<NodeJS.Architecture, HostArchitecture>> = {
  ia32: { debian: 'i386', libraries: 'usr/lib/i386-linux-gnu', loader: 'ld-linux.so.2' },
  x64: { debian: 'amd64', libraries: 'usr/lib/x86_64-linux-gnu', loader: 'ld-linux-x86-64.so.2' },
  arm64: { debian: 'arm64', libraries: 'usr/lib/aarch64-linux-gnu', loader: 'ld-linux-aarch64.so.1' },
}

/** @throws EngineError where none of Debian's programs are known to run */
export function hostArchitecture(): HostArchitecture {
  const architecture = ARCHITECTURES[process.arch]
  if (architecture === undefined)
    throw new EngineError('not-supported', `no programs of Debian are known to run on ${process.arch}`)
  return architecture
}

/**
 * Unpacks packages with all they depend on, libc included, into a folder of the cache and resolves with it.
 * `bin/<name>` starts a program with those libraries; `programs` maps that name to its path in the packages, with
 * leading `NAME=value` settings in which `$root` is the folder.
 */
export async function debianPrograms(packages: string[], programs: Record<string, string>): Promise<string> {
  const architecture = hostArchitecture()
  const root = await AptRoot.open(architecture.debian)
  const resolved = await resolve(root, packages)
  const inputs = { FORMAT, programs, packages: resolved.map(({ name, sha256 }) => [name, sha256]) }
  return cached('debian-programs', inputs, async (dir) => {
    for (const deb of (await download(root, resolved)).values())
      await run('dpkg-deb', ['--extract', deb, dir])
    await mkdir(join(dir, 'bin'), { recursive: true })
    for (const [name, command] of Object.entries(programs))
      await writeFile(join(dir, 'bin', name), starter(architecture, command), { mode: 0o755 })
  })
}

/** The script names the loader by its path, because the host's own may be older than the packages need. */
function starter({ libraries, loader }: HostArchitecture, command: string): string {
  const words = command.split(' ')
  const path = words.pop()
  const settings = words.map((setting) => `export ${setting}\n`).join('')
  return `#!/bin/sh
root=$(dirname "$(dirname "$(readlink -f "$0")")")
${settings}exec "$root/${libraries}/${loader}" --library-path "$root/${libraries}" "$root/${path}" "$@"
`
}
