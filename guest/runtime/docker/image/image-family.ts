/** Images and the images that they were built from, step by step. */
import type { ImageRecord } from '../../../protocol/api/content.ts'

/** Another image was built on it. */
export const hasChildren = ({ id }: ImageRecord, images: readonly ImageRecord[]): boolean =>
  images.some(({ built }) => built?.parent === id)

/** Without those that have no name and are but a step of another. */
export function withoutIntermediate(images: readonly ImageRecord[]): ImageRecord[] {
  const parents = new Set(images.map(({ built }) => built?.parent))
  return images.filter(({ id, references }) => references.length > 0 || !parents.has(id))
}
