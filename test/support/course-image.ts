/** An image as a course may have one: busybox with a file, which its command shows. */
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import type { OciImageConfig } from '../../guest/protocol/api/content.ts'
import type { Descriptor } from '../../web/src/content/blob-store.ts'
import { MEDIA_TYPES } from '../../web/src/content/manifest.ts'
import { sha256 } from './make-layout.ts'
import { makeTar } from './make-tar.ts'
import { readLayoutIndex } from './oci-layout-images.ts'

const FILE = 'course.txt'

/**
 * Writes an OCI layout with the one image, called `it`.
 * @param busybox an OCI layout whose first image is busybox
 */
export async function writeCourseImage(busybox: string, folder: string, text: string): Promise<void> {
  const blobOf = ({ digest }: { digest: string }) =>
    readFile(join(busybox, 'blobs', digest.replace(':', '/')))
  const below = JSON.parse((await blobOf((await readLayoutIndex(busybox)).manifests[0]!)).toString()) as {
    config: Descriptor
    layers: Descriptor[]
  }
  const config = JSON.parse((await blobOf(below.config)).toString()) as OciImageConfig
  await mkdir(join(folder, 'blobs/sha256'), { recursive: true })
  const put = async (mediaType: string, bytes: Uint8Array): Promise<Descriptor> => {
    const digest = sha256(bytes)
    await writeFile(join(folder, 'blobs', digest.replace(':', '/')), bytes)
    return { mediaType, digest, size: bytes.length }
  }
  const putJson = (mediaType: string, document: object) =>
    put(mediaType, Buffer.from(JSON.stringify(document)))
  for (const layer of below.layers) await put(layer.mediaType, await blobOf(layer))
  const tar = makeTar([{ name: FILE, content: text }])
  const diffIds = [...config.rootfs.diff_ids, sha256(tar)]
  const manifest = await putJson(MEDIA_TYPES.ociManifest, {
    schemaVersion: 2,
    config: await putJson(MEDIA_TYPES.ociConfig, {
      ...{ os: 'linux', architecture: '386', config: { ...config.config, Cmd: ['cat', `/${FILE}`] } },
      rootfs: { type: 'layers', diff_ids: diffIds },
    }),
    layers: [...below.layers, await put(MEDIA_TYPES.ociLayerGzip, gzipSync(tar))],
  })
  const named = { ...manifest, annotations: { 'org.opencontainers.image.ref.name': 'it' } }
  await writeFile(join(folder, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}')
  await writeFile(join(folder, 'index.json'), JSON.stringify({ schemaVersion: 2, manifests: [named] }))
}
