import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import type { ImageRecord } from '../../guest/protocol/api/content.ts'
import { openBlob } from '../../web/src/catalogue/open-blob.ts'
import type { Content } from '../../web/src/content-service/content-service.ts'

/** Writes the configurations and layers of images into a directory, by their digests, as the guest has them over 9P. */
export async function writeBlobFiles(
  page: Content,
  images: readonly ImageRecord[],
  directory: string,
): Promise<void> {
  await mkdir(directory, { recursive: true })
  for (const digest of images.flatMap(({ id, layers }) => [id, ...layers.map((layer) => layer.digest)])) {
    const { read } = await openBlob(page, digest)
    await writeFile(join(directory, digest), Readable.from(read()))
  }
}
