/**
 * Where an image of the site's own is copied from: a registry (`localhost:5000`, the repository being the image's own,
 * or `localhost:5000/other/name:tag`), `docker` for the Docker of this machine, or the path of an archive, from
 * the top of the checkout.
 */
import { EngineError } from '../../../guest/protocol/errors.ts'
import {
  type ImageReference,
  formatReference,
  parseReference,
} from '../../../guest/vocabulary/image-reference.ts'

export type ImageOrigin =
  /** `reference` names the image there, which may be another name than the site's. */
  | { kind: 'registry'; reference: ImageReference }
  | { kind: 'docker'; reference: ImageReference }
  | { kind: 'archive'; reference: ImageReference; path: string }

/** What starts with a dot or a slash, or ends as archives do; no registry's name does either. */
const PATH = /^\.{0,2}\/|\.(tar|tgz)$|\.tar\.\w+$/

/**
 * @param reference the site's name of the image, with a tag
 * @throws EngineError `invalid` for what is none of the three
 */
export function parseOrigin(from: string | undefined, reference: ImageReference): ImageOrigin {
  if (from === undefined) return { kind: 'registry', reference }
  if (from === 'docker') return { kind: 'docker', reference }
  if (PATH.test(from)) return { kind: 'archive', reference, path: from }
  return { kind: 'registry', reference: inRegistry(from, reference) }
}

function inRegistry(from: string, { path, tag }: ImageReference): ImageReference {
  const isHost = !from.includes('/')
  const named = parseReference(isHost ? `${from}/${path}` : from)
  const meant = !isHost || named.domain === from
  if (!meant || named.domain === '' || named.digest !== undefined)
    throw new EngineError(
      'invalid',
      `${from} is no place of images: name a registry such as localhost:5000, localhost:5000/name:tag, docker, or an archive such as ./image.tar`,
    )
  return { ...named, tag: named.tag ?? tag }
}

/** The origin in words, for lists: a registry's full reference, `docker`, or the archive's path. */
export function formatOrigin(origin: ImageOrigin): string {
  switch (origin.kind) {
    case 'registry':
      return formatReference(origin.reference)
    case 'docker':
      return 'docker'
    case 'archive':
      return origin.path
  }
}
