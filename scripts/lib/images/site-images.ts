/** All images of the site as one OCI layout: the bundled ones, and those that images.yaml names. */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  familiarRepository,
  formatReference,
  parseReference,
} from '../../../guest/vocabulary/image-reference.ts'
import { type ImageBuild, buildImages } from '../../build-images.ts'
import { cached } from '../cache.ts'
import type { PackageRecord } from '../debian/deb-tree.ts'
import { hashJson, sha256File } from '../hash.ts'
import { type FileMap, addFolder, publish } from '../publish.ts'
import { PLATFORM } from '../trees/oci-layout.ts'
import { type AddedImage, fetchAdded, originOf } from './added-image.ts'
import { formatOrigin } from './image-origin.ts'
import { readImageList } from './image-list.ts'

const FORMAT = 1
const NAME_ANNOTATION = 'io.containerd.image.name'

interface LayoutIndex {
  manifests: { annotations: Record<string, string> }[]
}

/** Rejects with EngineError for what is wrong with images.yaml, and for an image that cannot be copied. */
export async function buildSiteImages(): Promise<ImageBuild> {
  // What is wrong with the list should be heard of before the slow builds.
  const listed = await readImageList()
  const built = await buildImages()
  const added: AddedImage[] = []
  for (const image of listed) added.push(await fetchAdded(image))
  if (added.length === 0) return built
  const packages = new Map(built.packages)
  for (const image of added) packages.set(image.image.reference, [recordOf(image)])
  return { dir: await mergeImages(built.dir, added), packages }
}

/** A layout with the bundled images and the added ones; of two with one name the added one stays. */
export async function mergeImages(built: string, added: readonly AddedImage[]): Promise<string> {
  const inputs = {
    FORMAT,
    built: await sha256File(join(built, 'index.json')),
    added: added.map(({ image, manifest }) => [image.reference, hashJson({ ...manifest })]),
  }
  return cached('site-images', inputs, async (draft) => {
    const files: FileMap = new Map()
    await addFolder(files, built)
    files.delete('index.json')
    for (const { blobs } of added) await addFolder(files, blobs, 'blobs/sha256')
    await publish(draft, files, () => false)
    const index = JSON.parse(await readFile(join(built, 'index.json'), 'utf8')) as LayoutIndex
    await writeFile(join(draft, 'index.json'), JSON.stringify(mergeIndex(index, added)))
  })
}

function mergeIndex(index: LayoutIndex, added: readonly AddedImage[]): LayoutIndex {
  const entries = added.map(({ image, manifest }) => {
    const reference = parseReference(image.reference)
    const annotations = {
      [NAME_ANNOTATION]: formatReference(reference),
      'org.opencontainers.image.ref.name': reference.tag!,
    }
    return { ...manifest, platform: PLATFORM, annotations }
  })
  const names = new Set<string | undefined>(entries.map(({ annotations }) => annotations[NAME_ANNOTATION]))
  const kept = index.manifests.filter(({ annotations }) => !names.has(annotations[NAME_ANNOTATION]))
  return { ...index, manifests: [...kept, ...entries] }
}

/** The image's line in the manifest's list of what is shipped. */
function recordOf({ image, manifest, licence }: AddedImage): PackageRecord {
  const reference = parseReference(image.reference)
  return {
    name: familiarRepository(reference),
    version: reference.tag!,
    licence,
    source: formatOrigin(originOf(image)),
    sha256: manifest.digest.slice('sha256:'.length),
  }
}
