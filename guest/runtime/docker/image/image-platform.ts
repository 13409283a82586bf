/** Compares the platform of an image with the one asked for. Source: moby, daemon/images/image.go, GetImage. */
import type { ImageRecord, Platform } from '../../../protocol/api/content.ts'
import { EngineError } from '../../../protocol/errors.ts'
import { formatPlatform, OWN_PLATFORM, runsOn } from '../../../vocabulary/platform.ts'

export const platformOfImage = ({ config: { os, architecture, variant } }: ImageRecord): Platform => ({
  os,
  architecture,
  ...(variant !== undefined && { variant }),
})

/**
 * @param name what the client called the image by
 * @throws EngineError `not-found`: there is no such image for that platform
 */
export function checkImagePlatform(name: string, image: ImageRecord, asked: Platform): void {
  const own = platformOfImage(image)
  if (runsOn(own, asked)) return
  throw new EngineError(
    'not-found',
    `image with reference ${name} was found but its platform (${formatPlatform(own)}) does not match the specified platform (${formatPlatform(asked)})`,
    { image: image.id },
  )
}

/** The warnings of `docker create` for an image that was made for another machine than the guest. */
export function platformWarnings(image: ImageRecord): string[] {
  const own = platformOfImage(image)
  if (runsOn(own, OWN_PLATFORM)) return []
  return [
    `The requested image's platform (${formatPlatform(own)}) does not match the detected host platform (${formatPlatform(OWN_PLATFORM)}) and no specific platform was requested`,
  ]
}
