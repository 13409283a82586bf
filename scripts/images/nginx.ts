import { createHash } from 'node:crypto'
import { join } from 'node:path'
import type { OciExecutionConfig } from '../../guest/protocol/api/content.ts'
import { copyFolder } from '../lib/trees/copy-tree.ts'
import type { FileTree } from '../lib/trees/file-tree.ts'
import { splitVersion } from '../lib/debian/packages.ts'
import { diffTrees } from '../lib/trees/tree-diff.ts'
import {
  IMAGE_SOURCES,
  type ImageContext,
  PATH,
  install,
  versionOf,
  versions,
  versionTags,
} from './context.ts'
import { type Account, type DebianBase, addAccount } from './debian.ts'

/** nginx, and envsubst, which fills its templates. */
export const PACKAGES = ['nginx', 'gettext-base']
/** iproute2 and what it needs serve only Debian's init script, which no container runs. */
export const LEFT_OUT = [
  ...['iproute2', 'libelf1t64', 'libbpf1', 'libmnl0', 'libxtables12', 'libcap2-bin', 'libtirpc-common'],
  ...[
    'libtirpc3t64',
    'libgssapi-krb5-2',
    'libkrb5-3',
    'libk5crypto3',
    'libkrb5support0',
    'libcom-err2',
    'libkeyutils1',
  ],
]

export async function buildNginx({ layout, plans, records }: ImageContext, base: DebianBase): Promise<void> {
  const packages = plans.get('nginx')!
  const image = await install(base.image, packages)
  records.set('nginx', image.records)
  const { tree } = image
  addAccount(tree, NGINX_ACCOUNT)
  tree.removeWhere((path) =>
    /^(etc\/nginx\/(sites-\w+|modules-\w+|snippets)|etc\/ufw|usr\/share\/vim)$/.test(path),
  )
  await copyFolder(tree, join(IMAGE_SOURCES, 'nginx'))
  fillChecksum(tree)
  tree.symlink('var/log/nginx/access.log', '/dev/stdout')
  tree.symlink('var/log/nginx/error.log', '/dev/stderr')
  tree.directory('var/lib/nginx')
  const added = await layout.addLayer(
    diffTrees(base.image.tree, tree),
    `RUN apt-get install -y --no-install-recommends ${versions(packages, 'nginx', 'gettext-base')}`,
  )
  await layout.addImage({
    name: 'nginx',
    tags: versionTags(splitVersion(versionOf(packages, 'nginx')).release),
    layers: [base.layer, added],
    created: tree.mtime,
    config: nginxConfig(versionOf(packages, 'nginx')),
  })
}

export const NGINX_ACCOUNT: Account = {
  name: 'nginx',
  id: 101,
  group: 101,
  home: '/nonexistent',
  comment: 'nginx user',
  shell: '/bin/false',
}

/** @param version Debian's. The official image names its modules' versions too; this one has no modules. */
export function nginxConfig(version: string): OciExecutionConfig {
  const { release, revision } = splitVersion(version)
  return {
    Env: [PATH, `NGINX_VERSION=${release}`, `PKG_RELEASE=${revision}`],
    Entrypoint: ['/docker-entrypoint.sh'],
    Cmd: ['nginx', '-g', 'daemon off;'],
    ExposedPorts: { '80/tcp': {} },
    Labels: { maintainer: 'Porthole' },
    StopSignal: 'SIGQUIT',
  }
}

/** Fills in the checksum by which the script that turns IPv6 on knows the image's own configuration. */
function fillChecksum(tree: FileTree): void {
  const script = 'docker-entrypoint.d/10-listen-on-ipv6-by-default.sh'
  const md5 = createHash('md5').update(tree.text('etc/nginx/conf.d/default.conf')).digest('hex')
  tree.file(script, tree.text(script).replace('@DEFAULT_CONF_MD5@', md5), { mode: 0o755 })
}
