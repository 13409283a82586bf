import { join } from 'node:path'
import { copyFolder } from '../lib/trees/copy-tree.ts'
import { diffTrees } from '../lib/trees/tree-diff.ts'
import { IMAGE_SOURCES, type ImageContext, PATH, install, versions } from './context.ts'
import { type DebianBase, addAccount } from './debian.ts'

export const PACKAGES = ['redis-server', 'redis-tools']
/** Makes accounts while packages are installed; the account is here already. */
export const LEFT_OUT = ['adduser']

const REDIS = 999

export async function buildRedis({ layout, plans, records }: ImageContext, base: DebianBase): Promise<void> {
  const packages = plans.get('redis')!
  const image = await install(base.image, packages)
  records.set('redis', image.records)
  const { tree } = image
  addAccount(tree, { name: 'redis', id: REDIS, group: REDIS, home: '/data' })
  tree.directory('data', { uid: REDIS, gid: REDIS })
  await copyFolder(tree, join(IMAGE_SOURCES, 'redis'))
  const version = packages.find(({ name }) => name === 'redis-server')!.version
  const added = await layout.addLayer(
    diffTrees(base.image.tree, tree),
    `RUN apt-get install -y --no-install-recommends ${versions(packages, 'redis-server', 'redis-tools')}`,
  )
  await layout.addImage({
    name: 'redis',
    layers: [base.layer, added],
    created: tree.mtime,
    config: {
      Env: [PATH, `REDIS_VERSION=${version.replace(/^\d+:/, '').replace(/-.*/, '')}`],
      Entrypoint: ['docker-entrypoint.sh'],
      Cmd: ['redis-server'],
      ExposedPorts: { '6379/tcp': {} },
      Volumes: { '/data': {} },
      WorkingDir: '/data',
    },
  })
}
