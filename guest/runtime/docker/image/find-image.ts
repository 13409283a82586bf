/** Finds the image that a text names. */
import type { ImageRecord } from '../../../protocol/api/content.ts'
import { EngineError } from '../../../protocol/errors.ts'
import { formatReference, parseReference, withDefaultTag } from '../../../vocabulary/image-reference.ts'

/** Looks for a name first: `cafe` may be an image's name as well as the start of an id. */
export function matchImage(images: ImageRecord[], text: string): ImageRecord | undefined {
  return matchReference(images, text) ?? matchId(images, text)
}

function matchReference(images: ImageRecord[], text: string): ImageRecord | undefined {
  let reference
  try {
    reference = withDefaultTag(parseReference(text))
  } catch {
    // An id need not be a valid reference.
    return undefined
  }
  const { digest, ...named } = reference
  if (digest === undefined) {
    const full = formatReference(named)
    return images.find(({ references }) => references.includes(full))
  }
  const prefix = `${named.domain}/${named.path}`
  return images.find(
    ({ manifestDigest, references }) =>
      manifestDigest === digest &&
      references.some((other) => other.startsWith(`${prefix}:`) || other.startsWith(`${prefix}@`)),
  )
}

function matchId(images: ImageRecord[], text: string): ImageRecord | undefined {
  const hex = text.replace(/^sha256:/, '')
  if (!/^[0-9a-f]{4,64}$/.test(hex)) return undefined
  const found = images.filter(({ id }) => id.startsWith(`sha256:${hex}`))
  if (found.length > 1) throw new EngineError('invalid', `multiple IDs found with provided prefix: ${text}`)
  return found[0]
}
