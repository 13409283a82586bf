/** What an image is made for, against what was asked for. Source: moby, daemon/images/image.go, GetImage. */
import type { ImageRecord, Platform } from '../../../protocol/api/content.ts'
import { EngineError } from '../../../protocol/errors.ts'
import { formatPlatform, runsOn } from '../../../vocabulary/platform.ts'

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
