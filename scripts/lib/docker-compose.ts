import { chmod, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { AptRoot } from './apt-root.ts'
import { cached } from './cache.ts'
import { download, resolve } from './packages.ts'
import { run } from './run.ts'

/** Changes when the layout below does. */
const FORMAT = 1

/**
 * Path of Debian's `docker-compose` v2, unmodified, from the release that the guest is made of, with the C library it is
 * linked to: hosts of another release have an older one. It needs DOCKER_HOST for everything but `config`.
 */
export async function dockerCompose(): Promise<string> {
  const root = await AptRoot.open()
  const packages = await resolve(root, ['docker-compose'])
  const inputs = { FORMAT, packages: packages.map(({ name, sha256 }) => [name, sha256]) }
  const dir = await cached('docker-compose', inputs, async (draft) => {
    const debs = await download(root, packages)
    for (const deb of debs.values()) await run('dpkg-deb', ['--extract', deb, join(draft, 'root')])
    await writeFile(join(draft, 'docker-compose'), WRAPPER)
    await chmod(join(draft, 'docker-compose'), 0o755)
  })
  return join(dir, 'docker-compose')
}

/** Started by its own loader, which finds its own libraries. */
const WRAPPER = `#!/bin/sh
root=$(dirname "$0")/root
lib=$root/usr/lib/i386-linux-gnu
exec "$lib/ld-linux.so.2" --library-path "$lib" "$root/usr/libexec/docker/cli-plugins/docker-compose" "$@"
`
