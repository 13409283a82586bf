/** The images that `docker save` is asked for. Source: moby, image/tarexport/save.go. */
import type { Digest, ImageRecord, Platform } from '../../../protocol/api/content.ts'
import { EngineError } from '../../../protocol/errors.ts'
import { type ImageReference, formatReference, parseReference } from '../../../vocabulary/image-reference.ts'
import { formatPlatform, runsOn } from '../../../vocabulary/platform.ts'
import { platformOfImage } from '../image/image-platform.ts'

export interface SavedImage {
  image: ImageRecord
  /** The full references that were asked for. */
  references: string[]
}

interface ImageFinder {
  all(): Promise<ImageRecord[]>
  find(text: string): Promise<ImageRecord>
}

function parsed(name: string): ImageReference | undefined {
  // An id would also parse as a repository `sha256` with a tag.
  if (name.startsWith('sha256:')) return undefined
  try {
    return parseReference(name)
  } catch (error) {
    // A text that is no reference may still be an id.
    if (EngineError.from(error).code === 'invalid') return undefined
    throw error
  }
}

/**
 * The images that a name chooses, each with the references to save: a tag chooses itself, a repository alone all its
 * tags, an id none.
 */
async function chosen(images: ImageFinder, name: string): Promise<[ImageRecord, string[]][]> {
  const reference = parsed(name)
  if (reference?.tag !== undefined && reference.digest === undefined) {
    const full = formatReference(reference)
    const image = (await images.all()).find(({ references }) => references.includes(full))
    if (image) return [[image, [full]]]
    throw new EngineError('not-found', 'reference does not exist', { reference: name })
  }
  if (reference !== undefined && reference.digest === undefined) {
    const prefix = `${formatReference(reference)}:`
    const tagged = (await images.all()).flatMap((image): [ImageRecord, string[]][] => {
      const own = image.references.filter((other) => other.startsWith(prefix))
      return own.length > 0 ? [[image, own]] : []
    })
    if (tagged.length > 0) return tagged
  }
  try {
    return [[await images.find(name), []]]
  } catch (thrown) {
    if (!(thrown instanceof EngineError && thrown.code === 'not-found')) throw thrown
    // Docker's sentence names the text as it stands, without the tag that it would complete elsewhere.
    throw new EngineError('not-found', `No such image: ${name}`, { image: name }, thrown)
  }
}

/**
 * The images to save, each once.
 * @throws EngineError `not-found` for a name that no image has, `internal` for an image of another platform or without
 * layers
 */
export async function imagesToSave(
  images: ImageFinder,
  names: readonly string[],
  platform?: Platform,
): Promise<SavedImage[]> {
  const saved = new Map<Digest, SavedImage>()
  for (const name of names) {
    for (const [image, references] of await chosen(images, name)) {
      if (platform && !runsOn(platformOfImage(image), platform))
        throw new EngineError(
          'internal',
          `no suitable export target found for platform ${formatPlatform(platform)}`,
          { image: image.id },
        )
      const entry = saved.get(image.id) ?? { image, references: [] }
      for (const reference of references)
        if (!entry.references.includes(reference)) entry.references.push(reference)
      saved.set(image.id, entry)
    }
  }
  checkNotEmpty([...saved.values()])
  return [...saved.values()]
}

/** Refuses an image without layers, as Docker does (moby, image/tarexport/save.go, saveImage). */
function checkNotEmpty(saved: readonly SavedImage[]): void {
  if (saved.some(({ image }) => image.layers.length === 0))
    throw new EngineError('internal', 'empty export - not implemented')
}
