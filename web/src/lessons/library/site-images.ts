/** References of the images that a site brings along, as its OCI layout names them: `docker.io/library/nginx:1`. */
import { isRecord } from '../../../../guest/protocol/wire/is-record.ts'

const NAME = 'io.containerd.image.name'

/**
 * @param base the address of the site, with a slash at its end
 *
 * Never rejects: a lesson can be opened without, and then lists more images as missing than it must.
 */
export async function siteImages(base: string, get: typeof fetch = fetch): Promise<string[]> {
  try {
    const response = await get(new URL('images/index.json', base))
    return response.ok ? imagesOf(await response.json()) : []
  } catch {
    return []
  }
}

export function imagesOf(layout: unknown): string[] {
  const manifests = isRecord(layout) && Array.isArray(layout['manifests']) ? layout['manifests'] : []
  return manifests.flatMap((manifest: unknown): string[] => {
    const annotations = isRecord(manifest) ? manifest['annotations'] : undefined
    const name = isRecord(annotations) ? annotations[NAME] : undefined
    return typeof name === 'string' ? [name] : []
  })
}
