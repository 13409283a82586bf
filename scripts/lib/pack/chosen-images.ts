import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { EngineError } from '../../../guest/protocol/errors.ts'
import { formatReference, parseDockerReference } from '../../../guest/vocabulary/image-reference.ts'

interface Descriptor {
  digest: string
  annotations?: Record<string, string>
}

export interface ChosenImages {
  /** images/index.json with all names of the chosen images. */
  index: Uint8Array
  /** Paths of their blobs in the site. */
  blobs: string[]
}

const NAME = 'io.containerd.image.name'
const pathOf = (digest: string): string => `images/blobs/${digest.replace(':', '/')}`

/** The images of a built site that are named as `docker run` names them. @throws EngineError `not-found` naming one */
export async function chooseImages(site: string, names: readonly string[]): Promise<ChosenImages> {
  const json = async <T>(path: string): Promise<T> =>
    JSON.parse(await readFile(join(site, path), 'utf8')) as T
  const index = await json<{ manifests: Descriptor[] }>('images/index.json')
  const digests = new Set<string>()
  for (const name of names) {
    const reference = formatReference(parseDockerReference(name))
    const found = index.manifests.find(({ annotations }) => annotations?.[NAME] === reference)
    if (!found) throw new EngineError('not-found', `--images ${name}: the site has no such image`, { name })
    digests.add(found.digest)
  }
  const blobs = new Set<string>()
  for (const digest of digests) {
    const manifest = await json<{ config: Descriptor; layers: Descriptor[] }>(pathOf(digest))
    for (const each of [digest, manifest.config.digest, ...manifest.layers.map((layer) => layer.digest)])
      blobs.add(pathOf(each))
  }
  const manifests = index.manifests.filter(({ digest }) => digests.has(digest))
  return { index: Buffer.from(JSON.stringify({ ...index, manifests })), blobs: [...blobs] }
}
