/** Claims about what a container's root has beside its image's files, and what `docker diff` says of it, on real overlays. */
import { randomBytes } from 'node:crypto'
import { lstat, mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { FilesystemChange } from '../../protocol/api/engine-api.ts'
import { enginePaths, type EnginePaths } from '../../runtime/host/engine-paths.ts'
import { nodeFiles } from '../../runtime/host/files/node-files.ts'
import { containerChanges } from '../../runtime/docker/inspect/container-changes.ts'
import { containerLayers, initLayerPlan } from '../../runtime/docker/layer/init-layer.ts'
import type { Container } from '../../runtime/docker/state/container.ts'
import type { EngineContext } from '../../runtime/docker/state/context.ts'
import { openTestBed, type TestBed } from '../testing/test-bed.ts'
import { finish, TestContainers } from '../testing/test-containers.ts'

let bed: TestBed
let containers: TestContainers
let paths: EnginePaths
let id = ''
const LAYERS = ['sha256:image'] as const
beforeAll(async () => {
  bed = await openTestBed()
  containers = new TestContainers(bed)
  paths = { ...enginePaths(bed.dir), layers: bed.dir }
  await writeFile(join(bed.image, 'etc/mtab'), 'of the image')
  await mkdir(join(bed.image, 'd/sub'), { recursive: true })
  for (const name of ['d/a', 'd/b', 'd/sub/c']) await writeFile(join(bed.image, name), name)
  await bed.client.run(initLayerPlan(paths))
}, 300_000)
beforeEach(() => {
  id = randomBytes(8).toString('hex')
})
afterAll(() => bed?.close())

const upper = () => `${paths.overlay}/${id}/diff`

/** Runs a shell script in a container `id`. */
async function shell(script: string): Promise<string> {
  const setup = containers.setUp(['sh', '-ec', script])
  const work = `${paths.overlay}/${id}/work`
  const overlay = { lower: containerLayers(paths, LAYERS), upper: upper(), work }
  const { stdout, stderr } = await finish(
    await containers.launch({ ...setup, options: { ...setup.options, root: { overlay } } }),
  )
  expect(stderr).toBe('')
  return stdout
}

async function changes(): Promise<string[]> {
  const context = { files: nodeFiles(), paths, launcher: bed.client, random: randomBytes }
  const container = { isLeaving: false, record: { id, name: '/x', layers: LAYERS } }
  const found: FilesystemChange[] = await containerChanges(
    context as unknown as EngineContext,
    container as unknown as Container,
  )
  return found.map(({ Kind, Path }) => `${'CAD'[Kind]} ${Path}`)
}

test('every root has Docker’s files and mount points, in place of the image’s', async () => {
  const said = await shell(
    'stat -c "%A %s %U:%G" /.dockerenv; readlink /etc/mtab; stat -c %s /etc/hosts; id -un',
  )
  expect(said).toBe('-rwxr-xr-x 0 root:root\n/proc/mounts\n0\nroot\n')
  expect(await readdir(join(paths.initLayer, 'dev'))).toEqual(['console', 'pts', 'shm'])
  expect((await lstat(join(paths.initLayer, 'proc'))).mode & 0o7777).toBe(0o755)
})

test('the layer can be made again, and containers write nothing to it', async () => {
  await shell('echo 1.2.3.4 x > /etc/hosts; rm /.dockerenv')
  await bed.client.run(initLayerPlan(paths))
  expect(await readFile(join(paths.initLayer, 'etc/hosts'), 'utf8')).toBe('')
  expect(await changes()).toEqual(['D /.dockerenv', 'C /etc', 'C /etc/hosts'])
})

test('a container that writes nothing has an empty upper directory, and no changes', async () => {
  await shell('true')
  expect(await readdir(upper())).toEqual([])
  expect(await changes()).toEqual([])
})

test.each<[script: string, ...changes: string[]]>([
  ['rm -r /d; mkdir /d', 'C /d', 'D /d/a', 'D /d/b', 'D /d/sub'],
  ['rm -r /d; mkdir /d; echo new > /d/a', 'C /d', 'C /d/a', 'D /d/b', 'D /d/sub'],
  ['rm -r /d/sub; mkdir -m 700 /d/sub', 'C /d', 'C /d/sub', 'D /d/sub/c'],
  ['rm -r /d; echo x > /d', 'C /d'],
  ['rm -r /d', 'D /d'],
  ['rm /d/a; mkdir -p /d/a/in', 'C /d', 'C /d/a', 'A /d/a/in'],
  ['chmod 700 /d/a; chmod 644 /d/a; touch /d/new; rm /d/new'],
  ['ln -s nowhere /d/link; touch "/d/two words"', 'C /d', 'A /d/link', 'A /d/two words'],
  ['mkdir -p /e/f; touch /e/f/g', 'A /e', 'A /e/f', 'A /e/f/g'],
])('after %j it differs by %j', async (script, ...expected) => {
  await shell(script)
  expect(await changes()).toEqual(expected)
})

test('reading the changes leaves no mount and no directory', async () => {
  await shell('true')
  const before = await readFile('/proc/self/mounts', 'utf8')
  const names = await readdir(paths.overlay)
  await changes()
  expect(await readFile('/proc/self/mounts', 'utf8')).toBe(before)
  expect(await readdir(paths.overlay)).toEqual(names)
})
