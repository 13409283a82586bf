/**
 * What we build and save, in other people's hands: skopeo carries the archive to a docker-registry and back with every digest
 * as it was, and umoci unpacks from there the tree that a container of the image has here.
 */
import { createReadStream, createWriteStream } from 'node:fs'
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { HeadlessMachine } from '../../scripts/lib/machine/headless-machine.ts'
import { ensureTools } from '../../scripts/lib/debian/host-tools.ts'
import { run } from '../../scripts/lib/run.ts'
import { describeDirectory, differences } from '../support/describe-directory.ts'
import { startDockerRegistry, type DockerRegistry } from '../support/docker-registry.ts'

/** Each way that a layer takes something away from those below it, and hard links, owners and modes. */
const DOCKERFILE = `FROM busybox
RUN mkdir -p /tree/sub /gone/deep /swap && echo old > /tree/sub/file && echo kept > /tree/kept && touch /swap/file
RUN rm /bin/tac && rm -r /gone /tree/sub /swap && mkdir /tree/sub && echo new > /tree/sub/other && echo file > /swap
RUN ln /tree/kept /tree/hard && ln -s sub /tree/link && chmod 4711 /tree/kept && chown 33:44 /tree/sub
`
const IMAGE = 'registry.local/ann/built:v1'

let machine: HeadlessMachine
let registry: DockerRegistry
let scratch: string

beforeAll(async () => {
  await ensureTools('skopeo', 'umoci', 'tar', 'getfattr')
  scratch = await mkdtemp(join(tmpdir(), 'saved-archives-'))
  registry = await startDockerRegistry()
  machine = await HeadlessMachine.start()
  await machine.output(`mkdir /root/built && cat > /root/built/Dockerfile <<'EOF'\n${DOCKERFILE}EOF`)
  await machine.output(`docker build -t ${IMAGE} /root/built`)
})

afterAll(async () => {
  await machine.close()
  await registry.close()
  await rm(scratch, { recursive: true, force: true })
})

const inScratch = (name: string): string => join(scratch, name)

async function fetchTo(file: string, path: string): Promise<void> {
  const { status, body } = await machine.transport.request({ method: 'GET', path })
  expect(status).toBe(200)
  await pipeline(body, createWriteStream(file))
}

const skopeo = async (...args: string[]): Promise<string> =>
  (await run('skopeo', ['--insecure-policy', ...args])).toString()

const copy = (from: string, to: string): Promise<string> =>
  skopeo('copy', '--preserve-digests', '--src-tls-verify=false', '--dest-tls-verify=false', from, to)

interface Manifest {
  config: { digest: string }
  layers: { digest: string }[]
}

const manifestAt = async (reference: string): Promise<Manifest> =>
  JSON.parse(await skopeo('inspect', '--raw', '--tls-verify=false', reference)) as Manifest

test('a saved archive goes to docker-registry and comes back with the same digests', async () => {
  const there = `docker://${registry.domain}/ann/built:v1`
  const id = await machine.output(`docker inspect -f '{{.Id}}' ${IMAGE}`)
  await fetchTo(inScratch('saved.tar'), `/images/${IMAGE}/get`)
  await copy(`oci-archive:${inScratch('saved.tar')}`, there)
  const manifest = await manifestAt(there)
  expect(manifest.config.digest).toBe(id)
  await copy(there, `oci-archive:${inScratch('back.tar')}:${IMAGE}`)
  expect(await manifestAt(`oci-archive:${inScratch('back.tar')}`)).toEqual(manifest)
  await machine.output(`docker rmi ${IMAGE} && docker image prune -f && docker builder prune -af`)
  const bytes = createReadStream(inScratch('back.tar'))
  const { body } = await machine.transport.request({
    method: 'POST',
    path: '/images/load',
    body: { bytes, contentType: 'application/x-tar' },
  })
  expect(await text(body)).toContain(`Loaded image: ${IMAGE}`)
  expect(await machine.output(`docker inspect -f '{{.Id}}' ${IMAGE}`)).toBe(id)
  // Nothing of it was new to the registry of the page but its name: the digests on the wire are those of the archive.
  await machine.output(`docker push -q ${IMAGE}`)
  const pushed = await machine.output(`busybox wget -q -O - http://registry.local/v2/ann/built/manifests/v1`)
  expect((JSON.parse(pushed) as Manifest).layers.map(({ digest }) => digest)).toEqual(
    manifest.layers.map(({ digest }) => digest),
  )
})

const ETC = ['hostname', 'hosts', 'mtab', 'resolv.conf']

test('umoci unpacks from there what a container of the image has here', async () => {
  await copy(`docker://${registry.domain}/ann/built:v1`, `oci:${inScratch('layout')}:built`)
  await run('umoci', ['unpack', '--image', `${inScratch('layout')}:built`, inScratch('bundle')])
  await machine.output(`docker create --name built ${IMAGE}`)
  await fetchTo(inScratch('built.tar'), '/containers/built/export')
  await mkdir(inScratch('built'))
  await run('tar', ['-xpf', inScratch('built.tar'), '-C', inScratch('built'), '--numeric-owner'])
  const [unpacked, ours] = await Promise.all([
    describeDirectory(inScratch('bundle/rootfs')),
    describeDirectory(inScratch('built')),
  ])
  // The root itself and what the engine mounts on have times of their own.
  for (const tree of [unpacked, ours])
    for (const name of ['.', 'dev', 'etc', 'proc', 'sys']) tree.delete(name)
  // A container has the mount points of Docker's init layer beside its image (moby, daemon/initlayer).
  const initLayer = ['.dockerenv', 'dev/console', 'dev/pts', 'dev/shm', ...ETC.map((name) => `etc/${name}`)]
  expect(initLayer.filter((path) => ours.delete(path))).toEqual(initLayer)
  expect(differences(ours, unpacked)).toEqual([])
  expect([...unpacked.keys()].filter((path) => /^(tree|swap|gone|bin\/tac)/.test(path)).sort()).toEqual([
    ...['swap', 'tree', 'tree/hard', 'tree/kept', 'tree/link', 'tree/sub', 'tree/sub/other'],
  ])
  expect(await readFile(inScratch('bundle/rootfs/swap'), 'utf8')).toBe('file\n')
})
