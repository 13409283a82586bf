/** The images of an OCI layout on the disk, and what umoci makes of them. */
import { execFile } from 'node:child_process'
import { copyFile, mkdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

interface LayoutIndex {
  schemaVersion: number
  manifests: { digest: string; annotations: Record<string, string> }[]
}

export async function readLayoutIndex(layout: string): Promise<LayoutIndex> {
  return JSON.parse(await readFile(join(layout, 'index.json'), 'utf8')) as LayoutIndex
}

function nameOf({ annotations }: LayoutIndex['manifests'][number]): string {
  return annotations['io.containerd.image.name'] ?? annotations['org.opencontainers.image.ref.name']!
}

/** Each image by the first of its names. */
export async function imageNames(layout: string): Promise<string[]> {
  const { manifests } = await readLayoutIndex(layout)
  const digests = manifests.map(({ digest }) => digest)
  return manifests.filter(({ digest }, at) => digests.indexOf(digest) === at).map(nameOf)
}

/** Others find images by their ref.name annotation, which need not be unique; a layout of one image, called `it`, is. */
export async function layoutOfOne(layout: string, name: string, single: string): Promise<void> {
  const index = await readLayoutIndex(layout)
  const manifest = index.manifests.find((manifest) => nameOf(manifest) === name)!
  await mkdir(single)
  await symlink(join(layout, 'blobs'), join(single, 'blobs'))
  await copyFile(join(layout, 'oci-layout'), join(single, 'oci-layout'))
  const only = {
    ...index,
    manifests: [{ ...manifest, annotations: { 'org.opencontainers.image.ref.name': 'it' } }],
  }
  await writeFile(join(single, 'index.json'), JSON.stringify(only))
}

export async function unpackByUmoci(layout: string, name: string, bundle: string): Promise<void> {
  const single = `${bundle}-layout`
  await layoutOfOne(layout, name, single)
  await run('umoci', ['unpack', '--image', `${single}:it`, bundle])
}

/** diffIds in hex, lowest layer first. */
export async function imageLayers(layout: string, name: string): Promise<string[]> {
  const blob = async (digest: string): Promise<unknown> =>
    JSON.parse(await readFile(join(layout, 'blobs', digest.replace(':', '/')), 'utf8'))
  const { manifests } = await readLayoutIndex(layout)
  const { digest } = manifests.find((manifest) => nameOf(manifest) === name)!
  const { config } = (await blob(digest)) as { config: { digest: string } }
  const { rootfs } = (await blob(config.digest)) as { rootfs: { diff_ids: string[] } }
  return rootfs.diff_ids.map((diffId) => diffId.slice('sha256:'.length))
}
