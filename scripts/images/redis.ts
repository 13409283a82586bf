import { join } from 'node:path'
import type { OciExecutionConfig } from '../../guest/protocol/api/content.ts'
import { copyFolder } from '../lib/trees/copy-tree.ts'
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

export const PACKAGES = ['redis-server', 'redis-tools']
/** adduser makes accounts while packages are installed; this account is there already. */
export const LEFT_OUT = ['adduser']

const REDIS = 999

export const REDIS_ACCOUNT: Account = {
  name: 'redis',
  id: REDIS,
  group: REDIS,
  home: '/home/redis',
  shell: '/bin/sh',
}

export async function buildRedis({ layout, plans, records }: ImageContext, base: DebianBase): Promise<void> {
  const packages = plans.get('redis')!
  const image = await install(base.image, packages)
  records.set('redis', image.records)
  const { tree } = image
  addAccount(tree, REDIS_ACCOUNT)
  tree.directory('data', { uid: REDIS, gid: REDIS })
  await copyFolder(tree, join(IMAGE_SOURCES, 'redis'))
  const added = await layout.addLayer(
    diffTrees(base.image.tree, tree),
    `RUN apt-get install -y --no-install-recommends ${versions(packages, 'redis-server', 'redis-tools')}`,
  )
  await layout.addImage({
    name: 'redis',
    tags: versionTags(splitVersion(versionOf(packages, 'redis-server')).release),
    layers: [base.layer, added],
    created: tree.mtime,
    config: redisConfig(versionOf(packages, 'redis-server')),
  })
}

/** @param version Debian's */
export function redisConfig(version: string): OciExecutionConfig {
  return {
    Env: [PATH, `REDIS_VERSION=${splitVersion(version).release}`],
    Entrypoint: ['docker-entrypoint.sh'],
    Cmd: ['redis-server'],
    ExposedPorts: { '6379/tcp': {} },
    Volumes: { '/data': {} },
    WorkingDir: '/data',
  }
}
