import { join } from 'node:path'
import { copyFolder } from '../lib/trees/copy-tree.ts'
import { diffTrees } from '../lib/trees/tree-diff.ts'
import { IMAGE_SOURCES, type ImageContext, PATH, install, versions } from './context.ts'
import { type DebianBase, addAccount } from './debian.ts'

export const PACKAGES = ['nginx']
/** iproute2 and what it needs serve Debian's init script, which no container runs. */
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
  addAccount(tree, { name: 'nginx', id: 101, group: 101, home: '/nonexistent' })
  tree.removeWhere((path) =>
    /^(etc\/nginx\/(sites-\w+|modules-\w+|snippets)|etc\/ufw|usr\/share\/vim)$/.test(path),
  )
  await copyFolder(tree, join(IMAGE_SOURCES, 'nginx'))
  tree.symlink('var/log/nginx/access.log', '/dev/stdout')
  tree.symlink('var/log/nginx/error.log', '/dev/stderr')
  tree.directory('var/lib/nginx')
  const version = packages.find(({ name }) => name === 'nginx')!.version
  const added = await layout.addLayer(
    diffTrees(base.image.tree, tree),
    `RUN apt-get install -y --no-install-recommends ${versions(packages, 'nginx')}`,
  )
  await layout.addImage({
    name: 'nginx',
    layers: [base.layer, added],
    created: tree.mtime,
    config: {
      Env: [PATH, `NGINX_VERSION=${version.replace(/-.*/, '')}`],
      Cmd: ['nginx', '-g', 'daemon off;'],
      ExposedPorts: { '80/tcp': {} },
      Labels: { maintainer: 'Porthole' },
      StopSignal: 'SIGQUIT',
    },
  })
}
